"""What the query editor is told of a release."""

from conftest import Client


def test_the_editor_completes_what_the_ontology_and_the_data_have(client: Client) -> None:
    known = client.get("/editor.json").json()
    assert known["prefixes"]["tch"] == f"{known['base']}ontology#"
    assert f"{known['base']}ontology#Donation" in known["classes"]
    assert f"{known['base']}ontology#recipientCountry" in known["properties"]
    used = client.rows("SELECT DISTINCT ?p { ?s ?p ?o }")
    assert {row["p"] for row in used} <= set(known["properties"])


def test_what_it_is_told_is_sent_once(client: Client) -> None:
    tag = client.get("/editor.json").headers["ETag"]
    assert client.get("/editor.json", headers={"If-None-Match": tag}).status == 304
