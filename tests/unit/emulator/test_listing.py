"""Filters, order, pages and counts of listings."""

import pytest

from mjsync.emulator import Emulator

LIST = "/v3/REST/contactslist"


@pytest.fixture
def names(client):
    """Return the names in a listing of lists for some parameters."""

    def ask(params=None, path=LIST):
        answer = client.get(path, params=params)
        assert 200 == answer.status_code, answer.text
        return [each["Name"] for each in answer.json()["Data"]]

    return ask


@pytest.fixture
def twelve(emulator):
    """Twelve lists, named a to l."""
    return [emulator.insert("contactslist", {"Name": name}) for name in "abcdefghijkl"]


@pytest.mark.usefixtures("twelve")
class TestPages:
    """Pages and counts."""

    def test_ten_is_the_default(self, client):
        """Without Limit a page has ten rows, and Total is ten."""
        answer = client.get(LIST).json()

        assert (10, 10, 10) == (answer["Count"], answer["Total"], len(answer["Data"]))

    @pytest.mark.parametrize(
        ("params", "expected"),
        [
            ({"Limit": 3}, "abc"),
            ({"limit": 3, "OFFSET": 10}, "kl"),
            ({"Limit": 0}, "abcdefghijkl"),
            ({"Limit": 5000}, "abcdefghijkl"),
            ({"Offset": 12}, ""),
            ([("Limit", 2), ("Limit", 5)], "ab"),
        ],
    )
    def test_a_page(self, names, params, expected):
        """Limit and Offset in any case; 0 is the maximum; the first of repeated ones counts."""
        assert list(expected) == names(params)

    def test_a_thousand_is_the_most(self, make_client):
        """A page has at most a thousand rows."""
        emulator = Emulator(state={"contactslist": [{"Name": f"{place:04}"} for place in range(1001)]})

        for limit in (0, 1000, 2000):
            assert 1000 == make_client(emulator).get(LIST, params={"Limit": limit}).json()["Count"]

    @pytest.mark.parametrize("value", ["x", "-1", "²", "9" * 30])
    def test_a_page_that_is_no_number(self, client, value):
        """A page that is not a number is refused."""
        assert 400 == client.get(LIST, params={"Limit": value}).status_code

    def test_count_only(self, client):
        """With countOnly there are no rows, and Count and Total are the full count."""
        assert {"Count": 12, "Data": [], "Total": 12} == client.get(LIST, params={"countOnly": 1}).json()

    def test_count_records(self, client):
        """With countrecords Total is the full count, Count that of the page."""
        answer = client.get(LIST, params={"countrecords": 1, "limit": 1}).json()

        assert (1, 12) == (answer["Count"], answer["Total"])


@pytest.mark.usefixtures("twelve")
class TestOrder:
    """Order of listings."""

    def test_ascending_id_is_the_default(self, make_client):
        """By default rows are ordered by id, whatever their order in a state file."""
        emulator = Emulator(state={"contactslist": [{"ID": 9, "Name": "b"}, {"ID": 5, "Name": "a"}]})

        assert [5, 9] == [each["ID"] for each in make_client(emulator).get(LIST).json()["Data"]]

    @pytest.mark.parametrize("sort", ["Name DESC", "name desc", "NAME+desc"])
    def test_descending(self, names, sort):
        """Property and direction in any case, a blank or a bare plus between them."""
        assert list("lkj") == names(path=f"{LIST}?Limit=3&Sort={sort.replace(' ', '%20')}")

    @pytest.mark.parametrize(
        ("path", "field"),
        [
            (f"{LIST}?Sort=ID%2BDESC", "id+desc"),
            (f"{LIST}?Sort=SubscriberCount", "subscribercount"),
            ("/v3/REST/parseroute?Sort=ID%20DESC", "id desc"),
            (f"{LIST}?Sort=Name%20sideways", "name sideways"),
        ],
    )
    def test_what_cannot_be_sorted(self, client, path, field):
        """An encoded plus, an unknown property, or a direction that is not offered is refused."""
        answer = client.get(path)

        expected = f"Unexpected error during GET: Invalid sort specification: Cannot sort on field {field}"
        assert (400, expected) == (answer.status_code, answer.json()["ErrorMessage"])


@pytest.mark.usefixtures("twelve")
class TestFilters:
    """Filters of listings."""

    def test_an_unknown_parameter_is_ignored(self, names):
        """A misspelt filter is ignored (recorded)."""
        assert 12 == len(names({"InvalidParameter": 0, "ID": 1, "Limit": 0}))

    def test_filters_are_joined_by_and(self, names, twelve):
        """Filters are combined by and."""
        assert ["a"] == names({"name": "a", "ExcludeID": twelve[1]["ID"]})
        assert [] == names({"name": "a", "ExcludeID": twelve[0]["ID"]})

    def test_an_empty_filter_is_none(self, names):
        """A filter without a value has no effect."""
        assert 10 == len(names({"Name": ""}))

    def test_properties_have_no_name_filter(self, client):
        """The filters of properties are DataType and Namespace; there is no Name filter."""
        path = "/v3/REST/contactmetadata"

        assert 4 == len(client.get(path, params={"Name": "country"}).json()["Data"])
        assert [] == client.get(path, params={"DataType": "int"}).json()["Data"]

    @pytest.mark.parametrize(
        ("params", "expected"),
        [
            ({"Name": "Abc"}, ["Abc"]),
            ({"NameCI": "abc"}, ["Abc", "aBc"]),
            ({"NameLike": "b"}, ["Abc"]),
            ({"NameLikeCI": "b"}, ["Abc", "aBc"]),
            ({"NameLLike": "A"}, ["Abc"]),
            ({"NameLLikeCI": "A"}, ["Abc", "aBc"]),
            ({"NameRLike": "c"}, ["Abc", "aBc"]),
            ({"NameRLikeCI": "BC"}, ["Abc", "aBc"]),
            ({"Status": "used"}, ["aBc"]),
        ],
    )
    def test_segments_by_name(self, emulator, client, params, expected):
        """Newer servers compare names by eight operators."""
        emulator.insert("contactfilter", {"Name": "Abc", "Expression": "(a=1)"})
        emulator.insert("contactfilter", {"Name": "aBc", "Expression": "(a=1)", "Status": "used"})

        rows = client.get("/v3/REST/contactfilter", params=params).json()["Data"]
        assert expected == [each["Name"] for each in rows]
