// SPDX-License-Identifier: GPL-2.0-only
// The upload page: several files, by drop or by choice, each with its progress, and where each leads. Without this
// script the form sends one file and works as well.
"use strict";

(function () {
	const form = document.getElementById("upload");
	const input = document.getElementById("trace");
	const drop = document.getElementById("drop");
	const sent = document.getElementById("sent");
	const POLL_MS = 400;
	const RETRIES = 5;
	const MISSES = 75; // half a minute: a server that is started again goes on with what it took
	if (form === null)
		return; // who may not upload gets no form
	let last = Promise.resolve(); // one file after the other: the line to the server is one
	let goals = [];
	let waiting = 0;

	function element(name, className, text) {
		const made = document.createElement(name);
		made.className = className;
		if (text !== undefined)
			made.textContent = text;
		return made;
	}

	function pause(ms) {
		return new Promise(function (resolve) { setTimeout(resolve, ms); });
	}

	function size(bytes) {
		const units = ["bytes", "KiB", "MiB", "GiB"];
		let unit = 0;
		while (bytes >= 1024 && unit < units.length - 1) {
			bytes /= 1024;
			unit++;
		}
		return (unit === 0 ? bytes : bytes.toFixed(1)) + " " + units[unit];
	}

	// What one file shows: its name, what is being done, how far, and a button that ends it.
	function Row(file) {
		const head = element("div", "upload-head");
		this.box = element("div", "upload");
		this.words = element("p", "upload-words", "Waiting");
		this.bar = element("progress", "");
		this.bar.setAttribute("aria-label", "Progress of " + file.name);
		this.cancel = element("button", "", "Cancel");
		this.cancel.type = "button";
		this.cancelled = false;
		head.append(element("strong", "", file.name), element("span", "muted", size(file.size)), this.cancel);
		this.box.append(head, this.bar, this.words);
		sent.append(this.box);
	}

	Row.prototype.say = function (words, value, max) {
		this.words.textContent = words;
		if (max > 0) {
			this.bar.max = max;
			this.bar.value = Math.min(value, max);
		} else {
			this.bar.removeAttribute("value");
		}
	};

	Row.prototype.end = function (kind, nodes) {
		this.box.classList.add("upload-" + kind);
		this.bar.remove();
		this.cancel.remove();
		this.words.replaceChildren.apply(this.words, nodes);
	};

	Row.prototype.fail = function (reason) {
		this.end("failed", ["Failed: " + reason]);
	};

	// {status, answer, wait_s}; rejects only when it was cancelled.
	function send(file, row) {
		return new Promise(function (resolve, reject) {
			const request = new XMLHttpRequest();
			const host = form.elements.host.value.trim();
			request.open("PUT", "/api/v1/traces?name=" + encodeURIComponent(file.name) +
				(host !== "" ? "&host=" + encodeURIComponent(host) : ""));
			request.setRequestHeader("Content-Type", "application/octet-stream");
			request.upload.onprogress = function (event) {
				row.say("Sending: " + size(event.loaded) + " of " + size(file.size), event.loaded, file.size);
			};
			request.onload = function () {
				let answer = {};
				try {
					answer = JSON.parse(request.responseText);
				} catch (none) {
					answer = {detail: "the server answered with status " + request.status};
				}
				resolve({status: request.status, answer: answer,
					wait_s: Number(request.getResponseHeader("Retry-After")) || 1});
			};
			request.onerror = function () {
				resolve({status: 0, answer: {detail: "the connection broke, or the file changed meanwhile"}});
			};
			request.onabort = function () { reject(new Error("cancelled")); };
			row.cancel.onclick = function () {
				row.cancelled = true;
				request.abort();
			};
			request.send(file);
		});
	}

	async function sendUntilTaken(file, row) {
		for (let tries = 1; ; tries++) {
			const done = await send(file, row);
			if ((done.status !== 429 && done.status !== 503) || tries === RETRIES)
				return done;
			row.say("The server is busy: again in " + done.wait_s + " s");
			await pause(done.wait_s * 1000);
			if (row.cancelled)
				throw new Error("cancelled");
		}
	}

	// What the server says of an upload; null while it cannot be reached.
	async function ask(url) {
		try {
			const answer = await fetch(url, {headers: {Accept: "application/json"}, cache: "no-store"});
			const upload = await answer.json();
			return answer.ok ? upload : {state: "failed", reason: upload.detail};
		} catch (unreachable) {
			return null;
		}
	}

	// Waits until the upload has ended; gives its last state, or null when the server is gone for good.
	async function follow(url, row) {
		for (let misses = 0; misses < MISSES; await pause(POLL_MS)) {
			const upload = await ask(url);
			misses = upload === null ? misses + 1 : 0;
			if (upload === null) {
				row.say("Received; the server does not answer just now");
				continue;
			}
			if (upload.state !== "queued" && upload.state !== "running")
				return upload;
			const progress = upload.progress || {};
			if (upload.state === "queued")
				row.say("Received; waits for its turn");
			else
				row.say("Reading: " + Number(progress.events || 0).toLocaleString("en") + " events so far",
					progress.done_bytes, progress.total_bytes);
		}
		return null;
	}

	function found(upload) {
		const counts = upload.findings || {};
		const words = [];
		for (const [key, one, many] of [["errors", "error", "errors"], ["warnings", "warning", "warnings"],
			["notes", "note", "notes"]])
			if (counts[key] > 0)
				words.push(counts[key] + " " + (counts[key] === 1 ? one : many));
		return words.length > 0 ? words.join(", ") : "nothing found";
	}

	function lead(row, page, words) {
		const link = element("a", "", words);
		link.href = page;
		row.end("done", [link]);
		goals.push(page);
	}

	async function take(file, row) {
		try {
			const done = await sendUntilTaken(file, row);
			row.cancel.hidden = true;
			if (done.status === 200)
				return lead(row, done.answer.page, "This trace is here already");
			if (done.status !== 202)
				return row.fail(done.answer.detail || done.answer.title);
			row.say("Received");
			const upload = await follow(done.answer.url, row);
			if (upload === null)
				row.fail("it was received, and the server is gone; it goes on with it when it is there again");
			else if (upload.state === "done" && upload.page)
				lead(row, upload.page, "Read: " + found(upload));
			else
				row.fail(upload.reason || "its trace has been deleted");
		} catch (failure) {
			row.end("failed", [row.cancelled ? "Cancelled" : "Failed: the server could not be reached"]);
		}
	}

	function start(files) {
		if (waiting === 0) {
			goals = [];
			sent.replaceChildren();
		}
		for (const file of files) {
			const row = new Row(file);
			row.cancel.onclick = function () { row.cancelled = true; };
			waiting++;
			last = last.then(function () {
				return row.cancelled ? row.end("failed", ["Cancelled"]) : take(file, row);
			}).then(function () {
				waiting--;
				// Of one file alone, the page that it leads to is what its sender came for.
				if (waiting === 0 && goals.length === 1 && sent.children.length === 1)
					window.location.assign(goals[0]);
			});
		}
	}

	form.addEventListener("submit", function (event) {
		event.preventDefault();
		start(Array.from(input.files));
		input.value = "";
	});

	// Anywhere on the page: who misses the box does not want to leave for the file.
	for (const kind of ["dragenter", "dragover"])
		document.addEventListener(kind, function (event) {
			event.preventDefault();
			drop.classList.add("over");
		});
	document.addEventListener("dragleave", function (event) {
		if (event.relatedTarget === null)
			drop.classList.remove("over");
	});
	document.addEventListener("drop", function (event) {
		event.preventDefault();
		drop.classList.remove("over");
		if (event.dataTransfer !== null && event.dataTransfer.files.length > 0)
			start(Array.from(event.dataTransfer.files));
	});

	window.addEventListener("beforeunload", function (event) {
		if (waiting > 0)
			event.preventDefault();
	});

	input.multiple = true;
	document.getElementById("drop-hint").hidden = false;
})();
