"""The description of what is served, held against a validator of OpenAPI documents."""

import json
import urllib.request

from openapi_spec_validator import validate


def test_openapi_document_is_valid(weir):
    with urllib.request.urlopen(f"{weir.url}/openapi.json") as answer:
        document = json.load(answer)
    validate(document)
    assert {"/v1/chat/completions", "/v1/responses", "/v1/messages"} <= document["paths"].keys()
