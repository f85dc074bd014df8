class Chart {
  constructor(window, element, data) {
    this.canvas = element.appendChild(document.createElement('canvas'));
    this.canvas.onclick = ({offsetX}) => window.fire(element, 'point', Math.round(offsetX / this.canvas.clientWidth * (this.points.length - 1)));
    this.observer = new ResizeObserver(() => this.onDataUpdated(data));
    this.observer.observe(this.canvas);
  }

  onDataUpdated({data: {points, color}}) {
    const {canvas} = this;
    this.points = points;
    canvas.width = canvas.clientWidth * devicePixelRatio;
    canvas.height = canvas.clientHeight * devicePixelRatio;
    const context = canvas.getContext('2d');
    context.strokeStyle = color;
    context.lineWidth = 2 * devicePixelRatio;
    points.forEach((y, x) => context.lineTo(x / (points.length - 1) * canvas.width, (1 - y) * .45 * canvas.height));
    context.stroke();
  }

  width() {
    return this.canvas.clientWidth;
  }

  destroy() {
    this.observer.disconnect();
  }
}

Lona.registerWidget('chart', Chart);
