// Everything works without this script; it only makes a few things quicker.
(function () {
  "use strict";

  // After a refused form, go to what is wrong.
  var problems = document.querySelector("[data-focus]");
  if (problems) problems.focus();

  // On a phone the navigation is one row: bring the present page into it.
  var here = document.querySelector("nav.main [aria-current]");
  if (here) here.parentElement.parentElement.scrollLeft = here.offsetLeft - here.parentElement.parentElement.offsetLeft - 40;

  // A form is sent once, however often its button is pressed.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.dataset.sent) event.preventDefault();
    if (form.method === "post") form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });

  // <button type="button" data-copy="#id" data-copied="Copied" hidden> copies the text or value of the element.
  document.querySelectorAll("[data-copy]").forEach(function (button) {
    var source = document.querySelector(button.dataset.copy);
    if (!source || !navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(source.value || source.textContent.trim()).then(function () {
        button.textContent = button.dataset.copied;
      });
    });
  });

  // <button type="button" data-print hidden> prints.
  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });

  // A <select data-submit> sends its form when something is chosen with the pointer or Enter.
  document.querySelectorAll("select[data-submit]").forEach(function (select) {
    select.addEventListener("change", function () { select.form.requestSubmit(); });
  });

  // A <form data-autosave="Saved" data-offline="Not saved" data-clash="Changed elsewhere"> saves itself while somebody types, and says so in
  // its [data-saved]; where somebody else saved other words meanwhile it stops. Until
  // it is saved the device keeps the words, and offers them in [data-draft] when they were lost. [data-forget="/r/…"] drops all of a form.
  var kept = { get: function () { return null; }, set: function () {} };
  try {
    localStorage.getItem("draft");
    kept.get = function (key) { return localStorage.getItem(key); };
    kept.set = function (key, text) { try { text === null ? localStorage.removeItem(key) : localStorage.setItem(key, text); } catch (full) { /* then there is no copy */ } };
    document.querySelectorAll("[data-forget]").forEach(function (page) {
      Object.keys(localStorage).forEach(function (key) { if (key.indexOf("draft " + page.dataset.forget) === 0) kept.set(key, null); });
    });
  } catch (refused) { /* a browser that keeps nothing */ }
  document.querySelectorAll("form[data-autosave]").forEach(function (form) {
    var said = form.querySelector("[data-saved]"), offer = form.querySelector("[data-draft]"), timer, busy, clash;
    var to = new URL(form.getAttribute("action"), location), key = "draft " + to.pathname, old = kept.get(key); // form.action is a button here
    function words() {
      return JSON.stringify(Array.from(new FormData(form)).filter(function (pair) {
        return pair[0] !== "csrf" && pair[0] !== "language" && pair[0].indexOf("seen:") && typeof pair[1] === "string";
      }));
    }
    if (old === words()) kept.set(key, null);
    else if (old && offer) {
      offer.hidden = false;
      offer.querySelectorAll("button").forEach(function (button, place) {
        button.addEventListener("click", function () {
          if (place === 0) {
            var pairs = JSON.parse(old);
            Array.from(form.elements).forEach(function (field) {
              var mine = pairs.filter(function (pair) { return pair[0] === field.name; }).map(function (pair) { return pair[1]; });
              if (field.type === "checkbox" || field.type === "radio") field.checked = mine.indexOf(field.value) >= 0;
              else if (mine.length && (field.tagName === "TEXTAREA" || field.type === "text")) field.value = mine[0];
            });
            form.dispatchEvent(new Event("input"));
            form.querySelector("textarea,input:not([type=hidden])").focus();
          } else kept.set(key, null);
          offer.hidden = true;
        });
      });
    }
    function save() {
      var now = words();
      if (form.dataset.sent) return;
      if (busy) { timer = setTimeout(save, 500); return; }
      busy = true;
      fetch(to, {
        method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin", headers: { "X-Autosave": "1" }
      }).then(function (answer) {
        var seen = answer.headers.get("X-Seen"); // what the page has shown from now on
        if (seen !== null) new URLSearchParams(seen).forEach(function (digest, name) { form.elements["seen:" + name].value = digest; });
        clash = seen !== null && answer.status === 409;
        said.textContent = clash ? form.dataset.clash : answer.status === 204 ? form.dataset.autosave : "";
        if (answer.status === 204 && kept.get(key) === now) kept.set(key, null);
      }, function () { said.textContent = form.dataset.offline || ""; }).then(function () { busy = false; });
    }
    form.addEventListener("input", function () {
      kept.set(key, words());
      clearTimeout(timer);
      if (!clash) timer = setTimeout(save, 2000);
    });
  });

  // Words that are selected in a passage go with its link into the comment, or into the field for them.
  var links = document.querySelectorAll("[data-remark]"), quote = document.querySelector("[name=quote]"), near = document.querySelector("[name=near]");
  if (links.length || quote) document.addEventListener("selectionchange", function () {
    var chosen = document.getSelection(), at = chosen.anchorNode && chosen.anchorNode.parentElement;
    var passage = at && at.closest("[data-passage],[data-quotable]"), text = chosen.toString().trim();
    if (!passage || !passage.contains(chosen.focusNode) || !text || text.length > 500) return;
    var ahead = document.createRange(); // which of several places is meant
    ahead.setStart(passage, 0);
    ahead.setEnd(chosen.getRangeAt(0).startContainer, chosen.getRangeAt(0).startOffset);
    var place = ahead.toString().length;
    if (quote && passage.hasAttribute("data-quotable")) { quote.value = text; near.value = place; return; }
    var link = passage.closest("[data-around]").querySelector("[data-remark]");
    if (!link) return;
    var target = new URL(link.href);
    target.searchParams.set("quote", text);
    target.searchParams.set("near", place);
    link.href = target.href;
  });

  // A <form data-rules> of a translation says at each text what it lacks of its source, as one types. Ctrl+Enter saves there.
  document.querySelectorAll("form[data-rules]").forEach(function (form) {
    var rules = JSON.parse(form.dataset.rules);
    rules.forEach(function (rule) { rule.re = new RegExp(rule.pattern, "gu"); });
    form.querySelector("[data-keys]").hidden = false;
    function items(rule, text) {
      return Array.from(text.matchAll(rule.re), function (m) { return m.length > 1 ? "{{" + m[1] + "}}" : m[0]; })
        .filter(function (item, i, all) { return all.indexOf(item) === i; });
    }
    function without(all, some) { return all.filter(function (item) { return some.indexOf(item) < 0; }); }
    function check(rule, source, text, say) {
      var want = items(rule, source), have = items(rule, text);
      if (rule.kind === "items") {
        without(want, have).forEach(function (item) { say(rule.say, item); });
        without(have, want).forEach(function (item) { say(rule.extra, item); });
      } else if (rule.kind === "stray") {
        (text.replace(rule.re, " ").match(/\{\{|\}\}/g) || []).forEach(function (item) { say(rule.say, item); });
      } else if (rule.kind === "equal") {
        if (text === source && /[\p{L}\p{N}]/u.test(text.replace(rule.re, ""))) say(rule.say);
      } else {
        if (rule.kind === "again" && without(want, have).length) return;
        want = (source.match(rule.re) || []).length;
        have = (text.match(rule.re) || []).length;
        if (want > have || (want < have && rule.kind === "count")) say(rule.say, want, have);
      }
    }
    form.querySelectorAll("textarea").forEach(function (area) {
      var list = document.getElementById(area.id + "-checks"), timer;
      var shown = document.getElementById(area.id + "-source").cloneNode(true);
      list.setAttribute("aria-live", "polite");
      shown.querySelectorAll("del").forEach(function (gone) { gone.remove(); });
      var source = shown.textContent, place = document.getElementById(area.id + "-title").firstChild.textContent;
      area.addEventListener("input", function () {
        clearTimeout(timer);
        timer = setTimeout(function () {
          var text = area.value.trim(), said = [];
          if (text) rules.forEach(function (rule) {
            check(rule, source, text, function (words, a, b) {
              var item = document.createElement("li");
              if (rule.blocks) item.className = "error";
              item.textContent = words.replace(/[\u0001-\u0003]/g, function (mark) { return [place, a, b][mark.charCodeAt(0) - 1]; });
              said.push(item);
            });
          });
          list.replaceChildren.apply(list, said);
        }, 400);
      });
      area.addEventListener("keydown", function (event) {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(area.closest("section").querySelector("[name=at]"));
      });
    });
  });

  // <div data-stream="address"> says what its stream sends, in the words of the server; at the end the page is read again.
  document.querySelectorAll("[data-stream]").forEach(function (live) {
    if (!window.EventSource) return;
    var stream = new EventSource(live.dataset.stream);
    stream.onmessage = function (event) { if (!live.contains(document.activeElement)) live.innerHTML = event.data; };
    stream.addEventListener("end", function () { stream.close(); location.reload(); });
    window.addEventListener("pagehide", function () { stream.close(); });
  });

  // Menus close with Escape and when something else is pressed.
  var menus = document.querySelectorAll("details.menu");
  function close(except) {
    menus.forEach(function (menu) { if (menu !== except) menu.open = false; });
  }
  document.addEventListener("click", function (event) { close(event.target.closest("details.menu")); });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    menus.forEach(function (menu) {
      if (menu.open) { menu.open = false; menu.querySelector("summary").focus(); }
    });
  });
})();
