"""Pages with file inputs, for tests/browser/test_uploads.py."""

from __future__ import annotations

import os

from lona_sync import App, Bucket, Request, View
from lona_sync.html import HTML, A, Button, Div, FileInput, Form, P, Submit, TextInput

app = App(__file__)
app.settings.UPLOAD_CHUNK = int(os.environ.get("CHUNK", "100000"))


@app.route("/")
class Single(View):
    """Awaits files, and says what has come."""

    def handle_request(self, request: Request) -> object:
        upload = FileInput(multiple=True, max_size=5_000_000, handle_progress=self.tell)
        self.seen = P(_id="seen")
        self.result = P(_id="result")
        cancel = Button("Cancel", handle_click=lambda event: upload.cancel())
        self.show(HTML(Div(upload, _data_lona_drop_zone=True, _id="zone", _style="padding: 50px"), cancel, self.seen, self.result))
        while True:
            files = self.await_uploads(upload)
            digests = [f"{file.name}:{file.size}:{sum(file.read()) % 65_521}" for file in files]
            self.result.set_text(" ".join(digests))
            self.show()

    def tell(self, progress: object) -> None:
        ratio = getattr(progress, "ratio", 0)
        self.seen.set_text(f"{ratio:.2f}")


@app.route("/form")
class InForm(View):
    def handle_request(self, request: Request) -> object:
        form = Form(
            TextInput(name="title"), FileInput(name="one", max_size=1000), FileInput(name="two", multiple=True),
            Submit("Send", _name="how", _value="now"),
        )
        while True:
            self.await_submit(form, html=form)
            values = form.values
            one, two = values["one"], values["two"]
            form.append(P(f"{values['title']} {one.name if one else None} {[file.name for file in two]}", _class="sent"))


@app.route("/bucket")
class WithBucket(View):
    def handle_request(self, request: Request) -> object:
        bucket = Bucket(request)
        names = P(_id="names")
        bucket.on_add = bucket.on_delete = lambda _: names.set_text(", ".join(bucket.get_file_names()))
        return HTML(A("files", href=bucket.get_url(), interactive=False), names)


@app.route("/download")
class Downloading(View):
    def handle_request(self, request: Request) -> object:
        link = A("link", href=self.download_url(b"linked", name="link ä.txt"), download="link.txt")
        return HTML(link, Button("Save", handle_click=self.save), Button("Many", handle_click=self.many), P("here"))

    def save(self, event: object) -> None:
        self.download(b"hello", name="saved.txt")

    def many(self, event: object) -> None:
        self.download((b"x" * 100_000 for _ in range(50)), name="many.bin")


if __name__ == "__main__":
    app.run()
