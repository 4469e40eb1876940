"""`python -m tests.supply` writes docs/sbom.json and docs/licences.md."""

from tests.supply import licence_page, sbom

if __name__ == "__main__":
    for document in (sbom, licence_page):
        document.FILE.write_text(document.text(), encoding="utf-8")
