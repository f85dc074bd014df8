/** A line over time. data: {values, low, high, limit}. */
class Line {
  constructor(window, element, data) {
    this.canvas = element.appendChild(document.createElement('canvas'));
    this.data = data;
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(element);
  }

  onDataUpdated(data) {
    this.data = data;
    this.draw();
  }

  draw() {
    const {canvas, data: {data: {values, low, high, limit}}} = this;
    const scale = devicePixelRatio;
    const [width, height] = [canvas.clientWidth * scale, canvas.clientHeight * scale];
    Object.assign(canvas, {width, height});
    const context = canvas.getContext('2d');
    const y = (value) => height - (value - low) / (high - low) * height;
    context.lineWidth = 2 * scale;
    context.strokeStyle = '#d97706';
    context.setLineDash([4 * scale, 4 * scale]);
    context.strokeRect(-9, y(limit), width + 18, height);
    context.setLineDash([]);
    context.strokeStyle = '#2563eb';
    context.beginPath();
    values.forEach((value, place) => context.lineTo(place / 59 * width, y(value)));
    context.stroke();
  }

  destroy() {
    this.observer.disconnect();
  }
}

Lona.registerWidget('dashboard-line', Line);
