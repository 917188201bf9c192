"""The page scripts in Chromium: counting, saving by itself, grids, typed confirmation, scoring.

Plain pages with the real scripts and a server of the test's own; what the portal's pages do with
them is for the journeys in the browser.
"""

import http.server
import json
import os
import shutil
import threading
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
STATIC = Path(__file__).resolve().parents[2] / "static"
CHROMIUM = os.environ.get("JIEBANG_TEST_CHROMIUM") or shutil.which("chromium")
POLICY = "default-src 'none'; " + "; ".join(
    f"{what} 'self'" for what in ("script-src", "style-src", "connect-src", "form-action")
)
HEAD = '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>x</title>'


class Site:
    """Serves pages given as text, our static files, and answers to posts."""

    def __init__(self):
        self.pages, self.posts, self.answers = {}, [], []
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_GET(self):
                path = self.path.split("?")[0]
                if path in site.pages:
                    self.reply(200, "text/html; charset=utf-8", site.pages[path].encode())
                    return
                file = STATIC / path.removeprefix("/static/")
                if path.startswith("/static/") and file.is_file():
                    kind = {".js": "text/javascript", ".css": "text/css"}.get(file.suffix, "")
                    self.reply(200, kind, file.read_bytes())
                else:
                    self.reply(404, "text/plain", b"")

            def do_POST(self):
                size = int(self.headers["Content-Length"])
                site.posts.append(self.rfile.read(size).decode("utf-8", "replace"))
                status, told = site.answers.pop(0) if site.answers else (200, {"version": 2})
                self.reply(status, "application/json", json.dumps(told).encode())

            def reply(self, status, kind, data):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Security-Policy", POLICY)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def page(self, body, *scripts):
        tags = "".join(f'<script type="module" src="/static/js/{s}.js"></script>' for s in scripts)
        self.pages["/"] = f"{HEAD}{tags}<body>{body}"
        return f"http://127.0.0.1:{self.server.server_port}/"


@pytest.fixture(scope="module")
def chromium():
    if CHROMIUM is None:
        pytest.fail("no chromium on this machine: the browser tests cannot run")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        yield browser
        browser.close()


@pytest.fixture
def site():
    site = Site()
    yield site
    site.server.shutdown()


@pytest.fixture
def tab(chromium):
    """A page that fails the test on a script error or a breach of the security policy."""
    context = chromium.new_context()
    page = context.new_page()
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "console",
        lambda line: wrong.append(line.text) if "Content Security Policy" in line.text else None,
    )
    yield page
    context.close()
    assert wrong == []


def until(check, seconds=6.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if check():
            return True
        time.sleep(0.05)
    return check()


FORM = """
<form data-autosave="/save" method="post" action="/submit"><input type="hidden" name="version"
value="1"><label for="t">项目摘要</label><textarea id="t" name="t" data-max-chars="5"></textarea>
<p id="c" data-counts="t"></p><span data-save-state></span><button>保存</button></form>"""


def test_the_counter_counts_what_is_not_white_space(site, tab):
    tab.goto(site.page(FORM, "counter"))
    tab.fill("#t", "一 二\n三　四五𠮷")
    assert tab.text_content("#c") == "6 / 5 字，超出 1 字"
    assert tab.get_attribute("#c", "data-s") == "over"


def test_a_pause_after_the_last_change_saves_once(site, tab):
    site.answers = [(200, {"version": 7, "saved_at": "14:08:00"})]
    tab.goto(site.page(FORM, "autosave"))
    tab.type("#t", "一二三", delay=60)
    assert until(lambda: "已保存 14:08:00" in tab.text_content("[data-save-state]"))
    assert len(site.posts) == 1
    assert "一二三" in site.posts[0]
    assert tab.input_value("[name=version]") == "7"


def test_nothing_is_saved_while_an_input_method_composes(site, tab):
    tab.goto(site.page(FORM, "autosave"))
    tab.dispatch_event("#t", "compositionstart", {"bubbles": True})
    tab.evaluate("""() => { const t = document.getElementById('t'); t.value = 'ni';
        t.dispatchEvent(new InputEvent('input', {bubbles: true, isComposing: true})); }""")
    time.sleep(2.2)
    assert site.posts == []
    tab.evaluate("""() => { const t = document.getElementById('t'); t.value = '你';
        t.dispatchEvent(new CompositionEvent('compositionend', {bubbles: true})); }""")
    assert until(lambda: len(site.posts) == 1)
    assert "你" in site.posts[0]


KEPT = """() => new Promise(done => { const asked = indexedDB.open("jiebang", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("kept");
    asked.onsuccess = () => { const all = asked.result.transaction("kept").objectStore("kept")
        .getAll(); all.onsuccess = () => { asked.result.close();
        done(JSON.stringify(all.result)); }; }; })"""


def test_what_could_not_be_sent_is_kept_and_sent_when_the_server_is_back(site, tab):
    site.answers = [(503, {}), (200, {"version": 2, "saved_at": "14:09:00"})]
    tab.goto(site.page(FORM, "autosave"))
    tab.fill("#t", "写了很久")
    assert until(lambda: "没有存上" in tab.text_content("[data-save-state]"))
    assert "写了很久" in tab.evaluate(KEPT)
    assert until(lambda: "已保存" in tab.text_content("[data-save-state]"))
    assert until(lambda: tab.evaluate(KEPT) == "[]")


def test_what_was_kept_is_offered_on_the_next_visit_and_sent_when_taken_back(site, tab):
    address = site.page(FORM, "autosave")
    site.answers = [(503, {})]
    tab.goto(address)
    tab.fill("#t", "断网时写的")
    assert until(lambda: len(site.posts) == 1)
    site.answers = [(503, {})]  # the page's last try while it is left
    tab.goto(address)
    assert until(lambda: "项目摘要断网时写的" in (tab.text_content("[data-kept]") or ""))
    site.answers = [(200, {"version": 2, "saved_at": "14:10:00"})]
    assert tab.input_value("#t") == ""
    tab.click("text=恢复")
    assert tab.input_value("#t") == "断网时写的"
    assert until(lambda: "已保存 14:10:00" in tab.text_content("[data-save-state]"))


def test_what_was_kept_before_a_colleagues_save_is_sent_as_older_than_it(site, tab):
    address = site.page(FORM, "autosave")
    site.answers = [(409, {"message": "这一部分刚被李示例改过。"})]
    tab.goto(address)
    tab.fill("#t", "我的一版")
    assert until(lambda: "李示例" in (tab.text_content("[data-save-note]") or ""))
    site.pages["/"] = (
        site.pages["/"]
        .replace('value="1"', 'value="2"')
        .replace("</textarea>", "李示例的一版</textarea>")
    )
    tab.goto(address)
    assert until(lambda: "我的一版" in (tab.text_content("[data-kept]") or ""))
    assert tab.input_value("#t") == "李示例的一版"
    time.sleep(2)
    assert len(site.posts) == 1
    tab.click("text=恢复")
    assert until(lambda: len(site.posts) == 2)
    assert "t:1" in site.posts[1]


def test_who_refuses_says_why_and_typing_goes_on_being_kept(site, tab):
    site.answers = [(403, {"message": "您的角色是“查看”。"})]
    tab.goto(site.page(FORM, "autosave"))
    tab.fill("#t", "写")
    assert until(lambda: "查看" in (tab.text_content("[data-save-note]") or ""))
    tab.fill("#t", "写了又写")
    assert until(lambda: "写了又写" in tab.evaluate(KEPT))
    assert len(site.posts) == 1


def test_an_ended_session_with_a_second_factor_is_taken_up_in_the_dialog(site, tab):
    site.answers = [
        (401, {"code": "signed-out"}),
        (429, {}),
        (200, {"ok": False, "second": True, "csrf": "neu"}),
        (422, {"ok": False, "message": "验证码不对"}),
        (200, {"ok": True, "csrf": "neuer"}),
        (200, {"version": 2, "saved_at": "14:11:00"}),
    ]
    address = site.page(FORM + f'<time data-now="{iso(0)}"></time>', "autosave", "session")
    site.pages["/"] = site.pages["/"].replace(
        "<body>",
        f'<body data-session-until="{iso(7200000)}" data-keep-alive="/alive" data-person="p1" '
        'data-acting="7" data-sign-in-again="/again" data-name="王示例">',
    )
    tab.goto(address)
    tab.fill("#t", "写到一半")
    tab.wait_for_selector("dialog[open]")
    tab.fill("dialog [name=email]", "wang@example.org")
    tab.fill("dialog [name=password]", "一个密码")
    tab.keyboard.press("Enter")
    assert until(lambda: "暂停登录 15 分钟" in tab.text_content("dialog"))
    tab.keyboard.press("Enter")
    tab.wait_for_selector("dialog [name=token]")
    tab.keyboard.type("000000")
    tab.keyboard.press("Enter")
    assert until(lambda: "验证码不对" in tab.text_content("dialog"))
    tab.fill("dialog [name=token]", "123456")
    tab.keyboard.press("Enter")
    assert until(lambda: "已保存 14:11:00" in tab.text_content("[data-save-state]"))
    assert 'name="person"\r\n\r\np1' in site.posts[1]
    assert 'name="acting"\r\n\r\n7' in site.posts[1]
    assert "123456" in site.posts[4]
    assert "写到一半" in site.posts[5]
    assert tab.locator("#t:focus").count() == 1


GRID = """<form><table class="jb-grid"><tbody>
<tr><th>一</th><td><input id="a1"></td><td><input id="b1"></td>
<td><input id="c1" readonly></td></tr>
<tr><th>二</th><td><input id="a2"></td><td><input id="b2"></td><td><input id="c2"></td></tr>
</tbody></table></form>"""


def paste(tab, target, text):
    tab.evaluate(
        """([target, text]) => { const data = new DataTransfer(); data.setData('text/plain', text);
        const box = document.querySelector(target); box.focus();
        box.dispatchEvent(new ClipboardEvent('paste',
            {clipboardData: data, bubbles: true, cancelable: true})); }""",
        [target, text],
    )


def values(tab):
    return [tab.input_value(f"#{c}{r}") for r in (1, 2) for c in "abc"]


def test_a_block_from_a_spreadsheet_fills_the_cells(site, tab):
    tab.goto(site.page(GRID, "grid"))
    paste(tab, "#a1", "68\t74\t只读\r\n132\t135\t9\r\n多余\t的\t行\r\n")
    assert values(tab) == ["68", "74", "", "132", "135", "9"]


def test_one_value_is_pasted_as_usual(site, tab):
    tab.goto(site.page(GRID, "grid"))
    prevented = tab.evaluate("""() => { const data = new DataTransfer();
        data.setData('text/plain', '68');
        return !document.querySelector('#a1').dispatchEvent(new ClipboardEvent('paste',
            {clipboardData: data, bubbles: true, cancelable: true})); }""")
    assert prevented is False


def test_enter_and_arrows_move_and_escape_takes_a_cell_back(site, tab):
    tab.goto(site.page(GRID, "grid"))
    here = "document.activeElement.id"
    tab.focus("#a1")
    tab.keyboard.press("Enter")
    assert tab.evaluate(here) == "a2"
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate(here) == "b2"
    tab.keyboard.press("ArrowUp")
    assert tab.evaluate(here) == "b1"
    tab.keyboard.type("错了")
    tab.keyboard.press("Escape")
    assert tab.input_value("#b1") == ""


CONFIRM = """<form method="post" action="/go" data-confirm="停用此人？" data-confirm-word="停用">
<button id="go">停用</button></form>"""


def test_an_act_without_return_waits_for_the_typed_word(site, tab):
    tab.goto(site.page(CONFIRM, "confirm", "page"))
    tab.click("#go")
    tab.fill("dialog input", "不是")
    tab.click("dialog .btn-primary")
    assert "不一致" in tab.text_content("dialog")
    assert site.posts == []
    tab.fill("dialog input", "停用")
    tab.click("dialog .btn-primary")
    assert until(lambda: len(site.posts) == 1)


def test_the_question_can_be_left_by_escape(site, tab):
    tab.goto(site.page(CONFIRM, "confirm"))
    tab.click("#go")
    tab.keyboard.press("Escape")
    assert until(lambda: tab.query_selector("dialog") is None)
    assert site.posts == []


def test_a_form_is_sent_once_however_often_the_button_is_pressed(site, tab):
    tab.goto(
        site.page('<form method="post" action="/go"><button id="go">提交</button></form>', "page")
    )
    tab.evaluate("""() => { const f = document.forms[0];
        f.requestSubmit(); f.requestSubmit(); f.requestSubmit(); }""")
    assert until(lambda: len(site.posts) >= 1)
    time.sleep(0.3)
    assert len(site.posts) == 1


FILTERS = """<link rel="stylesheet" href="/static/css/tokens.css"><link rel="stylesheet"
href="/static/css/jiebang.css"><main><form class="jb-filters" method="get"><div><label for="q">名称
</label><input class="form-control" id="q" name="q"></div><button>筛选</button></form></main>"""


def test_a_filter_is_folded_on_a_narrow_screen_until_it_is_used(site, tab):
    address = site.page(FILTERS, "page")
    tab.set_viewport_size({"width": 390, "height": 800})
    tab.goto(address)
    assert not tab.is_visible("#q")
    tab.click("summary")
    tab.fill("#q", "芯片")
    tab.click("form button")
    tab.wait_for_url("**/?q=*")
    tab.set_viewport_size({"width": 1440, "height": 800})
    tab.goto(address)
    assert tab.is_visible("#q")


def test_the_heads_of_a_long_table_stay_in_sight(site, tab):
    rows = "".join(f"<tr><td>{n}</td></tr>" for n in range(200))
    tab.goto(
        site.page(
            FILTERS + '<div class="jb-scroll"><table class="table"><thead><tr><th id="h">序号</th>'
            f"</tr></thead><tbody>{rows}</tbody></table></div>",
            "page",
        )
    )
    tab.wait_for_selector(".jb-sticky-head")
    tab.evaluate("scrollTo(0, 3000)")
    assert until(lambda: -1 <= tab.evaluate("h.getBoundingClientRect().top") <= 1)


def criterion(key, weight):
    radios = "".join(
        f'<label><input type="radio" name="score-{key}" value="{n}">{n}</label>' for n in range(11)
    )
    return (
        f'<fieldset class="jb-crit" id="{key}" data-weight="{weight}" data-top="10" data-low="3" '
        f'data-high="10"><legend>{key}<output></output></legend>{radios}'
        "<div data-reason><textarea></textarea></div></fieldset>"
    )


def score_page(site):
    body = (
        '<form data-score method="post" action="/go">'
        + criterion("a", 30)
        + criterion("b", 70)
        + "<b data-total></b><span data-open></span><button data-save>保存并下一份</button></form>"
        "<dialog data-keys>快捷键</dialog>"
    )
    return site.page(body, "score")


def test_digits_mark_the_focused_criterion_and_the_total_follows(site, tab):
    tab.goto(score_page(site))
    tab.focus("#a input")
    tab.keyboard.press("8")
    assert tab.text_content("[data-total]") == "24.0"
    assert tab.text_content("[data-open]") == "1 项未评"
    tab.focus("#b input")
    tab.keyboard.press("t")
    assert tab.text_content("[data-total]") == "94.0"
    assert tab.text_content("[data-open]") == "全部已评"


def test_a_reason_is_asked_for_at_the_extremes(site, tab):
    tab.goto(score_page(site))
    tab.focus("#a input")
    for key, shown in (("7", False), ("3", True), ("4", False), ("t", True)):
        tab.keyboard.press(key)
        assert tab.is_visible("#a [data-reason]") is shown, key


def test_control_and_enter_save_and_a_question_mark_lists_the_keys(site, tab):
    tab.goto(score_page(site))
    tab.focus("#a input")
    tab.keyboard.press("?")
    assert tab.is_visible("dialog[data-keys]")
    tab.keyboard.press("Escape")
    tab.focus("#a input")
    tab.keyboard.press("Control+Enter")
    assert until(lambda: len(site.posts) == 1)


def clock_page(site, left_ms):
    now = 1636991910000
    body = (
        f'<time data-now="{iso(now)}"></time><div class="jb-clock" data-state="last" '
        f'data-until="{iso(now + left_ms)}" data-from="{iso(now)}" data-label="申报截止">'
        '<p class="jb-clock-label"></p><p class="jb-clock-value"></p></div>'
    )
    return site.page(body, "clock")


def iso(ms):
    from datetime import UTC, datetime

    return datetime.fromtimestamp(ms / 1000, UTC).isoformat()


def test_the_clock_shows_the_servers_time_and_closes_at_the_deadline(site, tab):
    tab.goto(clock_page(site, 2500))
    assert "2021年11月15日" in tab.text_content("time")
    assert "秒" in tab.text_content(".jb-clock-value")
    assert until(lambda: tab.get_attribute(".jb-clock", "data-state") == "closed")
    assert tab.text_content(".jb-clock-value") == "已截止"


def ranked_rows(site):
    rows = "".join(
        f'<tr data-desk-row data-rank-row data-part="above" data-open="/opened-{n}" id="r{n}">'
        f'<td><input type="checkbox" id="x{n}"></td><td><span data-grip id="g{n}">{t}</span>'
        f'<form data-rank-form action="/taken-{n}"><input name="number" value="{n}"></form>'
        f'<form action="/moved-{n}"><button name="direction" value="up">上</button></form>'
        "</td></tr>"
        for n, t in enumerate("甲乙丙", 1)
    )
    search = '<form role="search"><input id="q" name="q"></form>'
    site.pages |= {f"/{act}-{n}": act for act in ("taken", "moved", "opened") for n in (1, 2, 3)}
    return site.page(f"{search}<table><tbody data-rank-list>{rows}</tbody></table>", "rank", "desk")


def test_a_dropped_row_sends_its_new_number(site, tab):
    tab.goto(ranked_rows(site))
    tab.drag_and_drop("#g3", "#r1")
    tab.wait_for_url("**/taken-3?number=1")


def test_a_list_is_worked_through_with_the_keyboard(site, tab):
    tab.goto(ranked_rows(site))
    here = "document.activeElement.id"
    for key, row in (("j", "r1"), ("j", "r2"), ("j", "r3"), ("j", "r3"), ("k", "r2")):
        tab.keyboard.press(key)
        assert tab.evaluate(here) == row
    tab.keyboard.press("x")
    assert tab.is_checked("#x2") and not tab.is_checked("#x1")
    tab.keyboard.press("?")
    assert tab.get_attribute("dialog", "aria-labelledby") == "jb-keys-title"
    tab.keyboard.press("?")
    tab.wait_for_selector("dialog", state="detached")
    assert tab.evaluate(here) == "r2"
    tab.keyboard.press("/")
    assert tab.evaluate(here) == "q"
    tab.keyboard.type("jx")
    assert tab.input_value("#q") == "jx"
    tab.focus("#r3")
    tab.keyboard.press("n")
    tab.keyboard.type("1")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/taken-3?number=1")
    tab.goto(ranked_rows(site))
    tab.focus("#r2")
    tab.keyboard.press("Alt+ArrowUp")
    tab.wait_for_url("**/moved-2?direction=up")
    tab.goto(ranked_rows(site))
    tab.focus("#r2")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/opened-2")
