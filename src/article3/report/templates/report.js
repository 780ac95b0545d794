// Tables sort on a click of their headings. The page is complete without this.
(function () {
  "use strict";
  function key(cell) {
    var data = cell.querySelector("data");
    var text = data ? data.getAttribute("value") : cell.textContent.trim();
    var number = parseFloat(text);
    return { text: text, number: /^-?[0-9.]+(e-?[0-9]+)?$/.test(text) ? number : null };
  }
  function compare(a, b) {
    if (a.number !== null && b.number !== null) { return a.number - b.number; }
    if (a.number !== null || b.number !== null) { return a.number !== null ? -1 : 1; }
    return a.text.localeCompare(b.text);
  }
  function sort(table, index, head) {
    var down = head.getAttribute("aria-sort") === "descending" ? "ascending" : "descending";
    var body = table.tBodies[0];
    Array.prototype.forEach.call(table.querySelectorAll("thead th"), function (other) { other.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", down);
    var rows = Array.prototype.map.call(body.rows, function (row, place) {
      return { row: row, place: place, key: key(row.cells[index]) };
    });
    rows.sort(function (a, b) {
      var order = compare(a.key, b.key);
      return (down === "descending" ? -order : order) || a.place - b.place;
    });
    rows.forEach(function (item) { body.appendChild(item.row); });
  }
  Array.prototype.forEach.call(document.querySelectorAll("table"), function (table) {
    if (table.tBodies[0].rows.length < 8) { return; }
    Array.prototype.forEach.call(table.querySelectorAll("thead th"), function (head, index) {
      var button = document.createElement("button");
      button.type = "button";
      while (head.firstChild) { button.appendChild(head.firstChild); }
      button.addEventListener("click", function () { sort(table, index, head); });
      head.appendChild(button);
    });
  });
})();
