// The wall's page: listens for news, counts down, and says when news stopped coming.
// Written for televisions: plain functions, no promises, nothing younger than event streams.
(function () {
  "use strict";

  var STALE = 25000, AGAIN = 10000, LISTEN_AGAIN = 60000, SILENT = 40000, ON_PHONE = 20;
  var DAY = 86400000;
  var words = document.body.dataset;
  var state = null, source = null, newsAt = 0, lastTime = "", listenedAt = 0;
  var base = { desk: 0, at: 0, speed: 1 };

  function steady() {
    return window.performance && performance.now ? performance.now() : Date.now();
  }

  function deskNow() {
    return base.desk + (steady() - base.at) * base.speed;
  }

  function byId(id) {
    return document.getElementById(id);
  }

  function put(element, text) {
    if (element.textContent !== text) { element.textContent = text; }
  }

  function show(element, wanted) {
    element.className = element.className.replace(/ ?\bhidden\b/, "") + (wanted ? "" : " hidden");
  }

  function add(parent, tag, name, text) {
    var element = document.createElement(tag);
    if (name) { element.className = name; }
    if (text) { element.textContent = text; }
    parent.appendChild(element);
    return element;
  }

  function clear(element) {
    while (element.firstChild) { element.removeChild(element.firstChild); }
  }

  // --- time ---------------------------------------------------------------------------------

  function two(number) {
    return number < 10 ? "0" + number : String(number);
  }

  function countdown(ms) {
    // A minus sign: overdue. Rounded so that zero is the moment it is missed.
    var sign = ms < 0 ? "\u2212" : "";
    var seconds = ms < 0 ? Math.floor(-ms / 1000) : Math.ceil(ms / 1000);
    if (seconds >= 2 * DAY / 1000) { return sign + Math.floor(seconds / 3600) + "\u00a0h"; }
    var hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60) % 60;
    return sign + hours + ":" + two(minutes) + ":" + two(seconds % 60);
  }

  function tick() {
    var rows = byId("tickets").children, now = deskNow(), i;
    for (i = 0; i < rows.length; i += 1) { tickRow(rows[i], now); }
    var isStale = newsAt > 0 && steady() - newsAt > STALE;
    document.body.className = isStale ? "stale" : "";
    put(byId("lost"), isStale ? words.lost.replace("{time}", lastTime) : "");
  }

  function tickRow(row, now) {
    var ticket = row.ticket, left = ticket.due - now;
    put(row.left, countdown(left));
    if (left <= 0 && row.className !== "missed") {
      row.className = "missed";
      put(row.mark, words.missedMark);
      put(row.word, words.missedWord);
    }
  }

  // --- drawing ------------------------------------------------------------------------------

  function isColumn() {
    // Whether the page scrolls as one column, as the style sheet decides.
    return getComputedStyle(byId("board")).display === "block";
  }

  function drawTicket(list, ticket) {
    var row = add(list, "li", ticket.stage), stage = add(row, "span", "stage");
    row.ticket = ticket;
    row.mark = add(stage, "span", "mark", ticket.mark);
    row.word = add(stage, "span", "word", ticket.word);
    row.left = add(row, "span", "left");
    add(row, "span", "number", "#" + ticket.number);
    add(row, "span", "place", ticket.place);
    add(row, "span", "clock", ticket.clock);
    add(row, "span", ticket.owner ? "owner" : "owner nobody", ticket.owner || words.nobody);
    return row;
  }

  function drawTickets() {
    var list = byId("tickets"), column = isColumn(), room = byId("window").clientHeight, i, row;
    clear(list);
    for (i = 0; i < state.tickets.length; i += 1) {
      if (column && i >= ON_PHONE) { break; }
      row = drawTicket(list, state.tickets[i]);
      if (!column && i > 0 && list.offsetHeight > room) {
        list.removeChild(row);
        break;
      }
    }
    more(byId("more"), state.tickets.length - list.children.length + state.more);
    show(byId("none"), !state.tickets.length);
  }

  function more(element, count) {
    var text = count === 1 ? words.moreOne : words.moreMany;
    put(element, count > 0 ? text.replace("{count}", count) : "");
  }

  function drawInbox(list, inbox) {
    var item = add(list, "li", inbox.is_broken ? "broken" : ""), line = add(item, "div", "line");
    add(line, "span", "name", inbox.name);
    add(line, "span", "share", inbox.share);
    var bar = add(item, "div", "bar");
    if (inbox.bar !== null) { add(bar, "i").style.width = inbox.bar * 100 + "%"; }
    if (inbox.asked !== null) { add(bar, "em").style.left = inbox.asked * 100 + "%"; }
    var said = [inbox.says];
    if (inbox.few) { said.push(words.few); }
    if (inbox.today) { said.push(inbox.today); }
    add(item, "p", "says", said.join(" \u00b7 "));
    return item;
  }

  function drawInboxes() {
    var list = byId("inboxes"), column = isColumn(), i, item;
    clear(list);
    for (i = 0; i < state.inboxes.length; i += 1) {
      item = drawInbox(list, state.inboxes[i]);
      if (!column && i > 0 && list.offsetHeight > byId("kept-window").clientHeight) {
        list.removeChild(item);
        break;
      }
    }
    more(byId("more-inboxes"), state.inboxes.length - list.children.length);
  }

  function drawShifts() {
    var shifts = state.shifts, people = byId("people");
    show(byId("shifts"), !!shifts);
    if (!shifts) { return; }
    people.className = shifts.now ? "" : "empty";
    put(people, shifts.now ? shifts.now.join(", ") : words.nobodyThere);
    put(byId("next"), shifts.next);
  }

  function draw() {
    if (!state) { return; }
    var name;
    for (name in state.counts) {
      if (state.counts.hasOwnProperty(name)) { put(byId(name), String(state.counts[name])); }
    }
    drawShifts();
    drawTickets();
    drawInboxes();
    // What is below a list takes of its room: once more, now that it is there.
    if (!isColumn()) { drawTickets(); drawInboxes(); }
    tick();
  }

  // --- news ---------------------------------------------------------------------------------

  function heard(pulse) {
    if (pulse.page !== words.version) { location.reload(); return; }
    base = { desk: pulse.now, at: steady(), speed: pulse.speed };
    newsAt = steady();
    lastTime = pulse.time;
    put(byId("clock"), pulse.time);
    tick();
  }

  function learned(news) {
    state = news;
    draw();
  }

  function hangUp() {
    if (source) { source.close(); }
    source = null;
  }

  function listen() {
    listenedAt = steady();
    if (!window.EventSource) { return; }
    source = new EventSource("wallboard/events");
    source.addEventListener("pulse", function (event) { heard(JSON.parse(event.data)); });
    source.addEventListener("state", function (event) { learned(JSON.parse(event.data)); });
  }

  function ask() {
    var request = new XMLHttpRequest();
    request.open("GET", "wallboard/state");
    request.timeout = AGAIN;
    request.onload = function () {
      if (request.status === 401) { location.reload(); }
      if (request.status !== 200) { return; }
      var news = JSON.parse(request.responseText);
      heard(news.pulse);
      learned(news.state);
    };
    request.send();
  }

  function look() {
    // A browser mends a broken stream by itself; a refused or a silent one it leaves to us.
    if (source && source.readyState === 2) { hangUp(); }
    if (source && steady() - Math.max(newsAt, listenedAt) > SILENT) { hangUp(); listen(); }
    if (source) { return; }
    if (steady() - listenedAt > LISTEN_AGAIN) { listen(); } else { ask(); }
  }

  window.addEventListener("resize", draw);
  window.addEventListener("load", draw);
  listen();
  setInterval(tick, 500);
  setInterval(look, AGAIN);
  if (!source) { ask(); }
}());
