"""What whoever watches the product is told by it."""

from __future__ import annotations

import http.client
import re

from tests.faults.product import Product

# To start the product with.
METRICS_TOKEN = "figures-for-the-oracle"


def fetch(product: Product, path: str) -> tuple[int, str]:
    """What whoever watches the product is told."""
    connection = http.client.HTTPConnection("127.0.0.1", product.web.port, timeout=20)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def metric(product: Product, name: str, labels: str = "") -> float:
    """One figure of the metrics."""
    found = re.search(rf"^{name}{re.escape(labels)} (\S+)$", fetch(product, "/metrics")[1], re.M)
    assert found, name
    return float(found[1])
