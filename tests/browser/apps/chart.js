/** Draws its values as bars and says which one was clicked. */
class Chart {
  #window; #element; #picture;

  constructor(window, element, data) {
    this.#window = window;
    this.#element = element;
    this.#picture = document.createElement('div');
    element.append(this.#picture);
    this.#picture.addEventListener('click', ({target}) => {
      const index = [...this.#picture.children].indexOf(target);
      this.#window.fire(this.#element, 'picked', {index});
    });
    this.onDataUpdated(data);
  }

  onDataUpdated({data}) {
    this.data = data;
    this.#picture.replaceChildren(...data.values.map(({height}) => {
      const bar = document.createElement('i');
      bar.textContent = height;
      return bar;
    }));
    this.#element.dataset.updates = 1 + Number(this.#element.dataset.updates ?? -1);
  }

  async total(factor) {
    await new Promise((resolve) => { setTimeout(resolve, 10); });
    return this.data.values.reduce((sum, {height}) => sum + height, 0) * factor;
  }

  fail() {
    throw new Error('no such bar');
  }

  destroy() {
    window.destroyed = (window.destroyed ?? 0) + 1;
  }
}

Lona.registerWidget('test-chart', Chart);
