"""The shared client: what is tried again, what never is, and what each failure is called."""

import logging
import socket
import traceback
from datetime import timedelta
from email import message_from_bytes
from email.message import Message

import pytest

from connectors.answer import HttpAnswer
from connectors.contract import File
from connectors.errors import (
    AuthExpired,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unavailable,
)
from connectors.http import MarketHttp
from connectors.pace import MOST_TOLD, Limits
from connectors.request import HttpRequest, multipart
from connectors.testing.market import Fault
from tests.connectors.http_market import client, context_on, odd_market

SECRET = "sk_live_canary"


async def test_a_read_is_tried_again_and_waits_longer_each_time() -> None:
    async with odd_market() as (market, time), client(market.url, time) as http:
        market.status, market.fails_left = 503, 2
        answer = await http.get("/things")
    assert answer.object() == {"ok": True}
    assert market.calls == 3
    assert time.slept == 0.5 + 1.0


async def test_every_call_is_told_of_answered_or_lost() -> None:
    told: list[int] = []
    async with odd_market() as (market, time):
        http = MarketHttp(market.url, context_on(time, called=lambda: told.append(1)))
        market.status, market.fails_left = 503, 1
        await http.get("/things")
        assert len(told) == 2
        market.fail(Fault.CUT)
        with pytest.raises(OutcomeUnknown):
            await http.send("POST", "/things", json={})
        assert len(told) == 3
        await http.close()


async def test_a_read_gives_up_after_three_tries() -> None:
    async with odd_market() as (market, time), client(market.url, time) as http:
        market.status = 500
        with pytest.raises(Unavailable, match="500"):
            await http.query("/search", json={"q": 1})
    assert market.calls == 3


@pytest.mark.parametrize("fault", [Fault.FAILS, Fault.CUT, Fault.CUT_AFTER])
async def test_invariant_3_a_hand_over_is_tried_once_whatever_happens(fault: Fault) -> None:
    async with odd_market() as (market, time), client(market.url, time) as http:
        market.fail(fault)
        with pytest.raises(OutcomeUnknown):
            await http.send("POST", "/things", json={"text": "hello"})
    assert market.calls <= 1
    assert market.changes == (fault is Fault.CUT_AFTER)


async def test_invariant_4_a_hand_over_without_an_answer_in_time_is_unknown() -> None:
    async with odd_market() as (market, time), client(market.url, time, patience=0.2) as http:
        market.fail(Fault.SILENT)
        with pytest.raises(OutcomeUnknown, match="TimeoutError"):
            await http.send("POST", "/things", json={})


async def test_a_hand_over_to_a_closed_door_was_certainly_not_made() -> None:
    with socket.socket() as door:
        # Held, and not listened at: nobody else can open it meanwhile.
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
        async with (
            odd_market() as (_, time),
            client(f"http://127.0.0.1:{port}", time) as http,
        ):
            with pytest.raises(Unavailable, match="not reached"):
                await http.send("POST", "/things", json={})


async def test_hand_overs_do_not_share_a_connection_that_may_just_be_closing() -> None:
    async with odd_market() as (market, time), client(market.url, time) as http:
        for _ in range(2):
            answer = await http.send("POST", "/echo/x", json={})
            sent = answer.object()["headers"]
            assert isinstance(sent, dict)
            assert sent.get("Connection") == "close"


@pytest.mark.parametrize(
    ("status", "reading", "writing"),
    [
        (400, Rejected, Rejected),
        (401, AuthExpired, AuthExpired),
        (403, AuthExpired, AuthExpired),
        (404, Rejected, Rejected),
        (429, RateLimited, RateLimited),
        (500, Unavailable, OutcomeUnknown),
        (502, Unavailable, OutcomeUnknown),
        (503, Unavailable, OutcomeUnknown),
    ],
)
async def test_a_status_says_what_went_wrong(
    status: int, reading: type[ConnectorError], writing: type[ConnectorError]
) -> None:
    async with odd_market() as (market, time), client(market.url, time) as http:
        market.status = status
        with pytest.raises(reading) as read:
            await http.get("/things")
        time.advance(timedelta(hours=1))
        with pytest.raises(writing) as written:
            await http.send("POST", "/things", json={})
    assert (type(read.value), type(written.value)) == (reading, writing)


async def test_a_status_the_caller_understands_is_an_answer() -> None:
    async with odd_market() as (market, time), client(market.url, time) as http:
        market.status = 404
        assert (await http.get("/things", allow=(404,))).status == 404


async def test_a_redirect_is_not_followed() -> None:
    async with odd_market() as (market, time), client(market.url, time) as http:
        with pytest.raises(Unavailable, match="redirect"):
            await http.get("/elsewhere")
    assert "/things" not in {call.path for call in market.log}


async def test_an_answer_larger_than_allowed_is_not_read() -> None:
    async with odd_market() as (market, time), client(market.url, time, most_bytes=1000) as http:
        market.body = b"x" * 1001
        with pytest.raises(Unavailable, match="TooLarge"):
            await http.get("/things")
        market.body = b"x" * 1000
        assert len((await http.get("/things")).body) == 1000


@pytest.mark.parametrize("body", [b"<html>", b'{"a":', b"", b"[" * 100_000, b"\xff"])
async def test_what_is_no_json_is_no_answer(body: bytes) -> None:
    async with odd_market() as (market, time), client(market.url, time) as http:
        market.body = body
        with pytest.raises(Unavailable, match="no JSON"):
            (await http.get("/things")).json()
        with pytest.raises(OutcomeUnknown, match="no JSON"):
            (await http.send("POST", "/things", json={})).json()


async def test_a_platform_that_words_its_refusals_in_the_body_is_understood() -> None:
    def judge(answer: HttpAnswer) -> ConnectorError | None:
        return RateLimited(12) if answer.object().get("code") == 36009002 else None

    async with odd_market() as (market, time), client(market.url, time, judge=judge) as http:
        market.body = b'{"code": 36009002}'
        with pytest.raises(RateLimited) as error:
            await http.get("/things")
    assert error.value.retry_after == 12


@pytest.mark.parametrize(
    ("told", "waits"),
    [
        ("7", 7),
        ("0", 1),
        ("999999999", MOST_TOLD),
        ("Tue, 10 Mar 2026 09:02:00 GMT", 120),
        ("Tue, 10 Mar 2026 08:00:00 GMT", 1),
        ("soon", 60),
        ("", 60),
        ("-5", 60),
    ],
)
async def test_the_wait_a_platform_asks_for_is_kept(told: str, waits: float) -> None:
    async with odd_market() as (market, time), client(market.url, time) as http:
        market.status, market.headers = 429, {"Retry-After": told}
        with pytest.raises(RateLimited) as error:
            await http.get("/things")
    assert error.value.retry_after == waits


async def test_nothing_is_called_while_the_platform_wants_to_be_left_alone() -> None:
    async with odd_market() as (market, time), client(market.url, time) as http:
        market.status, market.headers, market.fails_left = 429, {"Retry-After": "300"}, 1
        with pytest.raises(RateLimited):
            await http.get("/things")
        with pytest.raises(RateLimited) as error:
            await http.send("POST", "/things", json={})
        assert error.value.retry_after == 300
        assert market.calls == 1
        await time.sleep(300)
        assert (await http.get("/things")).status == 200


async def test_a_short_wait_is_waited_out_in_place() -> None:
    async with odd_market() as (market, time), client(market.url, time) as http:
        http.hold(5)
        http.hold(1)
        await http.get("/things")
    assert time.slept == 5


async def test_calls_keep_the_pace_after_a_first_burst() -> None:
    limits = Limits(per_second=2, burst=3)
    async with odd_market() as (market, time), client(market.url, time, limits=limits) as http:
        for _ in range(9):
            await http.get("/things")
    assert time.slept == pytest.approx(3.0)


async def test_what_an_answer_says_of_the_budget_slows_the_next_call() -> None:
    def pace(answer: HttpAnswer) -> float:
        return float(answer.headers.get("x-wait", "0"))

    async with odd_market() as (market, time), client(market.url, time, pace=pace) as http:
        market.headers = {"X-Wait": "4"}
        await http.get("/things")
        assert time.slept == 0
        await http.get("/things")
        assert time.slept == 4


async def test_a_request_goes_over_the_wire_exactly_as_it_was_signed() -> None:
    class Signer:
        signed: HttpRequest

        async def authorise(self, request: HttpRequest) -> HttpRequest:
            self.signed = request.with_params({"sign": "a+b/c=="})
            return self.signed

        def refused(self) -> bool:
            return False

    signer = Signer()
    params = {"q": "größer & <ok>", "page": "1"}
    async with odd_market() as (market, time), client(market.url, time, auth=signer) as http:
        got = (await http.query("/echo/ä b", json={"text": "è"}, params=params)).object()
    assert signer.signed.url == f"{market.url}{got['path']}"
    assert signer.signed.body.decode() == got["body"] == '{"text":"è"}'


@pytest.mark.parametrize("fault", sorted(Fault))
async def test_invariant_11_no_error_and_no_log_shows_what_was_sent(
    fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    shown: list[str] = []
    caplog.set_level(logging.DEBUG)
    patience = 0.2 if fault is Fault.SILENT else 20
    async with odd_market() as (market, time), client(market.url, time, patience=patience) as http:
        market.fail(fault)
        market.body = b'{"secret": "sk_live_canary", "cut": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'
        headers = {"X-Key": SECRET}
        for call in (
            http.get("/things", params={"token": SECRET}, headers=headers),
            http.send("POST", "/things", json={"text": SECRET}, params={"t": SECRET}),
        ):
            with pytest.raises(ConnectorError) as error:
                (await call).json()
            shown += [repr(error.value), *traceback.format_exception(error.value)]
            assert error.value.__context__ is None
    assert SECRET not in "".join(shown) + caplog.text


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/customer_service/202309/conversations", "/customer_service/202309/conversations"),
        ("/v26.0/messages", "/v26.0/messages"),
        ("/v1/threads/9007199254740993/messages", "/v1/threads/*/messages"),
        ("/users/nora%40post.example/orders", "/users/*/orders"),
        ("/orders/405-1234567-7654321?token=x", "/orders/*"),
        ("/buyers/nora.quist@post.example", "/buyers/*"),
    ],
)
def test_invariant_11_a_path_is_shown_without_names_and_numbers(path: str, shown: str) -> None:
    assert HttpRequest(method="GET", base="https://api.example", path=path).shown == (
        f"GET api.example {shown}"
    )


async def test_an_address_nobody_can_call_is_unavailable_and_not_a_crash() -> None:
    async with odd_market() as (_, time), client("http://[broken", time) as http:
        with pytest.raises(Unavailable):
            await http.get("/x")


async def test_files_go_out_as_a_form_that_others_can_read() -> None:
    files = [
        ("files", File(name='a"\r\nX-Evil: 1.png', media_type="image/png", content=b"\x89PNG\r\n")),
        ("files", File(name="b.pdf", media_type="application/pdf", content=b"%PDF")),
    ]
    body, content_type = multipart({"text": "Grüße"}, files)
    parsed = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    parts = parsed.get_payload()

    assert isinstance(parts, list)
    text, picture, paper = (part for part in parts if isinstance(part, Message))
    assert text.get_payload(decode=True) == "Grüße".encode()
    assert picture.get_payload(decode=True) == b"\x89PNG\r\n"
    assert picture.get_filename() == "a___X-Evil: 1.png"
    assert picture["X-Evil"] is None
    assert paper.get_content_type() == "application/pdf"
    assert multipart({"text": "Grüße"}, files) == (body, content_type)


def test_a_part_without_a_name_is_a_field_with_a_media_type_of_its_own() -> None:
    said = File(name="", media_type="application/json", content=b"{}")
    body, _ = multipart({}, [("message", said)])

    assert b'form-data; name="message"\r\nContent-Type: application/json\r\n\r\n{}' in body
