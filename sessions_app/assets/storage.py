"""What `{% static %}` names, and what `collectstatic` writes for a server or a bucket of somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.files.base import ContentFile

from sessions_app.assets import files


class HashedFiles(StaticFilesStorage):
    """See the module. With DEBUG a file keeps its own name, so that it may change."""

    def url(self, name: str | None) -> str:
        """The address of a file: below STATIC_CDN_URL, if there is one, and else here."""
        asset = None if settings.DEBUG else files.find(name or "")
        return super().url(asset.hashed_name if asset else name)

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **_options: object
    ) -> Iterator[tuple[str, str, bool]]:
        """Write each file once more under its hashed name, and packed beside it (.br, .gz)."""
        for name in paths:
            asset = files.find(name)
            if dry_run or asset is None or self.exists(asset.hashed_name):
                continue
            for suffix, content in (("", asset.content), (".br", asset.brotli), (".gz", asset.gzip)):
                if content is not None:
                    self.save(asset.hashed_name + suffix, ContentFile(content))
            yield name, asset.hashed_name, True
