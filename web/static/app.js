// SPDX-License-Identifier: GPL-2.0-only
// What every page has: buttons that copy, and keys for lists. Nothing here is needed to use a page.
"use strict";

(function () {
	// <button data-copy="#id">: copies the text, or the value, of what is named.
	async function copy(button) {
		const from = document.querySelector(button.dataset.copy);
		if (from === null)
			return;
		const text = "value" in from ? from.value : from.textContent;
		const name = button.textContent;
		try {
			await navigator.clipboard.writeText(text);
			button.textContent = "Copied";
		} catch (refused) {
			// Browsers refuse on plain HTTP beyond loopback: the text is marked, and the keyboard copies it.
			window.getSelection().selectAllChildren(from);
			button.textContent = "Press Ctrl+C";
		}
		setTimeout(function () { button.textContent = name; }, 2000);
	}

	document.addEventListener("click", function (event) {
		const button = event.target.closest("button[data-copy]");
		if (button !== null)
			copy(button);
	});

	for (const button of document.querySelectorAll("button[data-copy]"))
		button.hidden = false;

	function isTyping(element) {
		return element.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName);
	}

	// j and k go from row to row by its first link; / goes to the filter.
	function step(by) {
		const links = Array.from(document.querySelectorAll("main tbody tr"))
			.map(function (row) { return row.querySelector("a"); })
			.filter(function (link) { return link !== null; });
		const here = links.findIndex(function (link) { return link.closest("tr").contains(document.activeElement); });
		const next = here === -1 ? (by > 0 ? 0 : links.length - 1) : here + by;
		if (links[next] !== undefined)
			links[next].focus();
	}

	document.addEventListener("keydown", function (event) {
		if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
			return;
		if (event.key === "/") {
			const field = document.querySelector("form.filter input, form.filter select");
			if (field !== null) {
				event.preventDefault();
				field.focus();
			}
		} else if (event.key === "j") {
			step(1);
		} else if (event.key === "k") {
			step(-1);
		}
	});

	// Fields that were left empty are no filters: they need not stand in the address.
	document.addEventListener("submit", function (event) {
		if (!event.target.matches("form.filter"))
			return;
		for (const field of event.target.elements)
			if (field.name && field.value === "")
				field.disabled = true;
	});
	window.addEventListener("pageshow", function () {
		for (const field of document.querySelectorAll("form.filter :disabled"))
			field.disabled = false;
	});
})();
