"""Packages that were written for Lona, unchanged, on one site: lona-picocss, lona-dropzone, lona-bootstrap-5, lona-chartjs."""

import lona_sync.contrib.as_lona  # noqa: F401 (the first, before the packages)

# isort: split
import lona_bootstrap_5
import lona_chartjs
import lona_dropzone
from lona import App, View
from lona.html import Div, P
from lona_picocss import install_picocss
from lona_picocss.html import H1, HTML, Button, Card, Icon, Modal, Progress, ScrollerDiv, Switch, Tabs

app = App(__file__)
app.settings.PICOCSS_BRAND = "Shop"
install_picocss(app, debug=True)


@app.route("/")
class Picocss(View):
    def handle_request(self, request):
        self.modal, self.text, self.progress = Modal(), P("closed"), Progress(10)
        self.modal.get_body().nodes = [P("Really?")]
        self.modal.get_footer().nodes = [Button("Yes", _id="yes", handle_click=self.close)]
        opens, more = Button("Open", _id="open"), Button("More", secondary=True, _id="more")
        scroller = ScrollerDiv(height="5em", lines=3)
        self.show(HTML(
            H1("Picocss"), Icon("box"), Card(header="A card", nodes=[self.text]), self.progress, Switch(_id="switch"),
            Tabs("One", ["first tab"], "Two", ["second tab"]), opens, more, scroller, self.modal,
        ))
        while True:
            clicked = self.await_click(opens, more).node
            if clicked is opens:
                self.modal.open()
            else:
                self.progress.value += 10
                scroller.append(Div(f"line {self.progress.value}"))
            self.show()

    def close(self, event):
        self.modal.close()
        self.text.set_text("confirmed")


@app.route("/dropzone")
class Dropzone(View):
    def handle_request(self, request):
        self.names = P("no files")
        self.zone = lona_dropzone.Dropzone(request=request, max_files=2, on_add=self.changed, on_delete=self.changed)
        return HTML(H1("Dropzone"), self.zone, self.names)

    def changed(self, names):
        self.names.set_text(", ".join(sorted(self.zone.bucket.get_file_names())) or "no files")
        self.show()


@app.route("/chart")
class Chart(View):
    def handle_request(self, request):
        chart = lona_chartjs.Chart(width="300px", height="200px")
        data = {"labels": ["a", "b"], "datasets": [{"label": "n", "data": [1, 2]}]}
        chart.data = {"type": "bar", "data": data, "options": {"animation": False}}
        button = Button("Grow")
        self.show(HTML(H1("Chart"), Div(chart), button))
        while True:
            self.await_click(button)
            chart.data["data"]["datasets"][0]["data"][0] += 1
            self.show()


@app.route("/bootstrap")
class Bootstrap(View):
    def handle_request(self, request):
        modal, button = lona_bootstrap_5.Modal(fade=False), lona_bootstrap_5.PrimaryButton("Open")
        modal.set_title("A title")
        modal.set_body("A body")
        self.show(HTML(H1("Bootstrap"), button, lona_bootstrap_5.Switch(), lona_bootstrap_5.Progress(percentage=30), modal))
        self.await_click(button)
        modal.show()
        self.show()


@app.route("/crash")
class Crash(View):
    def handle_request(self, request):
        raise RuntimeError("on purpose")
