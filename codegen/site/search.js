/* Finds databases, tables, columns, views and queries by the words of their names and comments.
 * cleatIndex is an array of [kind, name, address, comment], written beside this file, so that the
 * pages work without a server. What is searched for stands in the address: #?words. */
"use strict";
(function () {
    const most = 200;
    const box = document.getElementById("search");
    const results = document.getElementById("results");
    const entries = cleatIndex.map(function (entry) {
        return { kind: entry[0], name: entry[1], address: entry[2], comment: entry[3],
                 low: entry[1].toLowerCase(), text: entry[3].toLowerCase() };
    });
    let chosen = 0;

    /* The least for the best: the whole name, then its last part, its beginning, any part of it,
     * the comment. -1 when a word is nowhere. */
    function rank(entry, words) {
        let sum = 0;
        for (const word of words) {
            const last = entry.low.slice(entry.low.lastIndexOf(".") + 1);
            if (entry.low === word || last === word) sum += 0;
            else if (last.startsWith(word)) sum += 1;
            else if (entry.low.includes(word)) sum += 2;
            else if (entry.text.includes(word)) sum += 4;
            else return -1;
        }
        return sum;
    }

    function find(text) {
        const words = text.toLowerCase().split(/\s+/).filter(Boolean);
        const found = [];
        for (const entry of entries) {
            const value = rank(entry, words);
            if (value >= 0) found.push([value, entry.name.split(".").length, entry]);
        }
        found.sort(function (a, b) { return a[0] - b[0] || a[1] - b[1]; });
        return found.map(function (item) { return item[2]; });
    }

    function show(text) {
        const found = find(text);
        results.textContent = "";
        const title = document.createElement("h1");
        const count = document.createElement("span");
        count.setAttribute("role", "status");
        count.textContent = found.length === 1 ? "1 result" : found.length + " results";
        title.append(count);
        const list = document.createElement("ul");
        list.className = "plain";
        for (const entry of found.slice(0, most)) {
            const item = document.createElement("li");
            const link = document.createElement("a");
            link.className = "mono";
            link.href = entry.address;
            link.textContent = entry.name;
            const kind = document.createElement("span");
            kind.className = "soft";
            kind.textContent = " " + entry.kind + (entry.comment ? " \u2014 " + entry.comment : "");
            item.append(link, kind);
            list.append(item);
        }
        results.append(title, list);
        choose(0);
    }

    function choose(place) {
        const items = results.querySelectorAll("li");
        chosen = Math.max(0, Math.min(place, items.length - 1));
        items.forEach(function (item, i) { item.classList.toggle("chosen", i === chosen); });
        if (items.length > 0 && place > 0) items[chosen].scrollIntoView({ block: "nearest" });
    }

    function update() {
        const text = box.value.trim();
        document.body.classList.toggle("searching", text !== "");
        if (text !== "") show(text);
    }

    function fromAddress() {
        if (!location.hash.startsWith("#?")) return;
        try {
            box.value = decodeURIComponent(location.hash.slice(2));
        } catch (error) {
            box.value = location.hash.slice(2);
        }
        update();
    }

    box.addEventListener("input", function () {
        const text = box.value.trim();
        history.replaceState(null, "", text === "" ? location.pathname
                                                   : "#?" + encodeURIComponent(text));
        update();
    });
    box.addEventListener("keydown", function (event) {
        if (event.key === "ArrowDown") choose(chosen + 1);
        else if (event.key === "ArrowUp") choose(chosen - 1);
        else if (event.key === "Enter") {
            const link = results.querySelector("li.chosen a");
            if (link !== null) link.click();
        } else if (event.key === "Escape") box.value = "";
        else return;
        if (event.key !== "Enter") event.preventDefault();
        if (event.key === "Escape") update();
    });
    document.addEventListener("keydown", function (event) {
        if (event.key !== "/" || event.target === box) return;
        event.preventDefault();
        box.focus();
    });
    /* A result on this very page changes no more than the address. */
    results.addEventListener("click", function (event) {
        if (event.target.tagName !== "A") return;
        box.value = "";
        update();
    });
    window.addEventListener("hashchange", fromAddress);
    box.hidden = false;
    fromAddress();
})();
