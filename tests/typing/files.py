"""Files as a program uses them."""

from __future__ import annotations

from pathlib import Path

from typing_extensions import assert_type

from lona_sync import Bucket, Request, UploadedFile, View
from lona_sync.html import HTML, FileInput, UploadProgress


class Files(View):
    def handle_request(self, request: Request) -> None:
        upload = FileInput(multiple=True, accept=[".csv"], handle_progress=self.tell)
        assert_type(self.await_upload(upload, html=HTML(upload), timeout=5), UploadedFile)
        files = self.await_uploads(upload)
        assert_type(files, tuple[UploadedFile, ...])
        assert_type(files[0].save_to("there"), Path)
        assert_type(upload.progress, "UploadProgress | None")
        bucket = Bucket(request, max_files=3, on_add=lambda names: print(names))
        assert_type(bucket.get_url("a"), str)
        self.download(files[0])
        assert_type(self.download_url(b"x" for _ in range(3)), str)

    def tell(self, progress: UploadProgress) -> None:
        assert_type(progress.ratio, float)
