"""Files: chosen or dropped, uploaded with a bar, cancelled, counted, and given back as one archive. `lona-sync run upload.py`

An upload that is interrupted goes on by itself, also at another worker. What was uploaded goes when the page is closed.
"""

import io
import zipfile

from lona_sync import App, View
from lona_sync.html import H1, HTML, Button, Div, DropZone, FileInput, Li, P, Progress, Span, Style, Ul

app = App(__file__)
app.settings.TITLE = 'Files'
LIMIT = 200_000_000
CSS = '''
.zone { display: block; padding: 2.5em 1em; border: 2px dashed #9ab; border-radius: 1em; text-align: center; cursor: pointer }
.zone[data-lona-over] { border-color: #06c; background: color-mix(in srgb, #06c 12%, transparent) }
.zone input { display: block; width: 16em; margin: 1em auto 0 }
.row { display: flex; gap: .8em; align-items: center; margin: 1em 0 } .row progress { flex: 1; min-width: 4em; max-width: none }
ul { margin-top: 1em; padding: 0; list-style: none } li { display: flex; gap: .8em; align-items: center; padding: .3em 0 }
li span:first-child { flex: 1; overflow-wrap: anywhere }
'''


def in_words(size):
    for unit in ('bytes', 'kB', 'MB'):
        if size < 1000:
            break
        size, unit = size / 1000, {'bytes': 'kB', 'kB': 'MB', 'MB': 'GB'}[unit]
    return f'{size:.3g} {unit}'


class FileRow(Li):
    def __init__(self, file, remove):
        self.file = file
        super().__init__(
            Span(file.name), Span(in_words(file.size)),
            Button('Delete', handle_click=lambda event: remove(self), _aria_label=f'Delete {file.name}'),
        )


@app.route('/')
class Files(View):
    def handle_request(self, request):
        self.input = FileInput(multiple=True, max_size=LIMIT, max_files=50, handle_progress=self.tell)
        self.bar = Progress(value=0, max=1, _aria_label='Upload')
        self.row = Div(self.bar, Button('Cancel', handle_click=self.cancel), _class='row')
        self.row.hide()
        self.list, self.text = Ul(), P('Nothing yet.')
        self.save = Button('Download all', handle_click=self.archive, disabled=True)
        zone = DropZone('Drop files here, or choose some', self.input, _class='zone')
        self.show(HTML(Style(CSS), H1('Files'), zone, self.row, self.list, self.text, self.save))
        while True:
            for file in self.await_uploads(self.input):
                self.list.append(FileRow(file, self.remove))
            self.row.hide()
            self.count()
            self.show()

    def tell(self, progress):
        self.row.show()
        self.bar.value = progress.ratio

    def cancel(self, event):
        self.input.cancel()
        self.row.hide()

    def remove(self, row):
        row.file.delete()
        row.remove()
        self.count()

    def count(self):
        files = [row.file for row in self.list]
        self.text.set_text(f'{len(files)} files, {in_words(sum(file.size for file in files))}' if files else 'Nothing yet.')
        self.save.disabled = not files

    def archive(self, event):
        files = [row.file for row in self.list]

        def pack():
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, 'w') as archive:
                for file in files:
                    archive.write(file.path, file.name)
            return packed.getvalue()

        self.download(self.run_blocking(pack), name='files.zip')


if __name__ == '__main__':
    app.run()
