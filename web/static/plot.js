// SPDX-License-Identifier: GPL-2.0-only
// The plot of a root's counter, in the place of the drawing that the server made: drag to zoom, with finer points from
// the API, and the stretch in the URL. Without this script, links and a form do the same.
"use strict";

(function () {
	const box = document.getElementById("plot");
	const form = document.getElementById("window");
	if (box === null || form === null || typeof Dygraph === "undefined" || !window.fetch)
		return;

	const first = Number(box.dataset.first);
	const last = Number(box.dataset.last);
	const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
	const LEFT = 84;
	let main = null;
	let off = null;
	let shown = null; // what the API answered last
	let asked = 0;

	function colour(name) {
		return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
	}

	function bytes(value, decimals) {
		let unit = 0;
		let amount = Math.abs(value);
		while (amount >= 1024 && unit < UNITS.length - 1) {
			amount /= 1024;
			unit++;
		}
		const text = amount.toFixed(unit === 0 ? 0 : decimals);
		return (text.indexOf(".") < 0 ? text : text.replace(/\.?0+$/, "")) + " " + UNITS[unit];
	}

	// As many digits as ftrace prints, and more where the stretch is short.
	function seconds(value, width) {
		const digits = Math.min(9, Math.max(0, Math.ceil(-Math.log10(width)) + 2));
		return value.toFixed(digits);
	}

	function urlTime(value) {
		return value.toFixed(9).replace(/\.?0+$/, "");
	}

	function fixed(value) {
		return Math.min(last, Math.max(first, value));
	}

	// The window by the URL: whole where it says nothing.
	function asIs() {
		const query = new URLSearchParams(location.search);
		const from = query.get("from") ? fixed(Number(query.get("from"))) : first;
		const to = query.get("to") ? fixed(Number(query.get("to"))) : last;
		return { from: from, to: to };
	}

	function isWhole(stretch) {
		return stretch.from <= first && stretch.to >= last;
	}

	function binaryTicks(min, max, pixels, options, graph, values) {
		const most = Math.max(2, Math.floor(pixels / 42));
		let step = 1;
		while ((max - min) / step > most)
			step *= 2;
		const ticks = [];
		for (let at = Math.ceil(min / step) * step; at <= max; at += step)
			ticks.push({ v: at, label: at === 0 ? "0" : bytes(at, 3) });
		return ticks;
	}

	function timeTicks(min, max, pixels) {
		const most = Math.max(2, Math.floor(pixels / 110));
		let power = Math.pow(10, Math.floor(Math.log10((max - min) / most)));
		while ((max - min) / power > most * 10)
			power *= 10;
		const step = power * [1, 2, 5, 10].find(function (by) { return (max - min) / (power * by) <= most; });
		const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
		const ticks = [];
		for (let i = Math.ceil(min / step); i * step <= max; i++)
			ticks.push({ v: i * step, label: (i * step).toFixed(digits) });
		return ticks;
	}

	// Where the two differ: by the greatest values, and where these are the same by the least.
	function pair(point) {
		return point[2] !== point[4] ? [point[2], point[4]] : [point[1], point[3]];
	}

	function damageOf(point) {
		const values = pair(point);
		return values[1] - values[0];
	}

	function mainRows(answer) {
		const rows = answer.points.map(function (point) {
			return [point[0] / 1e9, [point[3], point[4], point[4]], [point[1], point[2], point[2]]];
		});
		return closed(rows, answer);
	}

	function offRows(answer) {
		const rows = answer.points.map(function (point) {
			const damage = damageOf(point);
			return [point[0] / 1e9, Math.max(damage, 0), Math.min(damage, 0)];
		});
		return closed(rows, answer);
	}

	// The last value holds to the end, and the first from the begin where it is from before.
	function closed(rows, answer) {
		if (rows.length === 0)
			return [[answer.from_ns / 1e9, null, null]];
		rows[0][0] = Math.max(rows[0][0], answer.from_ns / 1e9);
		const end = rows[rows.length - 1].slice();
		end[0] = answer.to_ns / 1e9;
		rows.push(end);
		return rows;
	}

	function drawGaps(canvas, area, graph) {
		canvas.fillStyle = colour("--note-soft");
		for (const gap of shown.gaps) {
			const from = graph.toDomXCoord(gap[0] / 1e9);
			const to = Math.max(graph.toDomXCoord(gap[1] / 1e9), from + 1);
			canvas.fillRect(Math.max(from, area.x), area.y,
				Math.min(to, area.x + area.w) - Math.max(from, area.x), area.h);
		}
	}

	function drawFindings(canvas, area, graph) {
		canvas.strokeStyle = colour("--error");
		canvas.lineWidth = 1;
		canvas.setLineDash([2, 3]);
		for (const finding of shown.findings) {
			const at = graph.toDomXCoord(finding.time_ns / 1e9);
			canvas.beginPath();
			canvas.moveTo(at, area.y);
			canvas.lineTo(at, area.y + area.h);
			canvas.stroke();
		}
		canvas.setLineDash([]);
	}

	// Behind the curves: what is missing, and what is too much.
	function drawDamage(canvas, area, graph) {
		drawGaps(canvas, area, graph);
		drawFindings(canvas, area, graph);
		canvas.globalAlpha = 0.35;
		shown.points.forEach(function (point, index) {
			const damage = damageOf(point);
			if (damage === 0)
				return;
			const next = shown.points[index + 1];
			const left = graph.toDomXCoord(point[0] / 1e9);
			const right = graph.toDomXCoord((next ? next[0] : shown.to_ns) / 1e9);
			const values = pair(point);
			const top = graph.toDomYCoord(Math.max(values[0], values[1]));
			const bottom = graph.toDomYCoord(Math.min(values[0], values[1]));
			canvas.fillStyle = colour(damage > 0 ? "--damage" : "--damage-2");
			canvas.fillRect(left, top, Math.max(right - left, 0.7), bottom - top);
		});
		canvas.globalAlpha = 1;
	}

	function drawOff(canvas, area, graph) {
		drawGaps(canvas, area, graph);
		drawFindings(canvas, area, graph);
		const zero = graph.toDomYCoord(0);
		canvas.globalAlpha = 0.45;
		shown.points.forEach(function (point, index) {
			const damage = damageOf(point);
			if (damage === 0)
				return;
			const next = shown.points[index + 1];
			const left = graph.toDomXCoord(point[0] / 1e9);
			const right = graph.toDomXCoord((next ? next[0] : shown.to_ns) / 1e9);
			const at = graph.toDomYCoord(damage);
			canvas.fillStyle = colour(damage > 0 ? "--damage" : "--damage-2");
			canvas.fillRect(left, Math.min(at, zero), Math.max(right - left, 0.7), Math.abs(zero - at));
		});
		canvas.globalAlpha = 1;
	}

	// Findings are links above the plot, so that the keyboard reaches them too.
	function placeMarks(graph) {
		const area = graph.getArea();
		marks.textContent = "";
		let before = -20;
		for (const finding of shown.findings) {
			const at = graph.toDomXCoord(finding.time_ns / 1e9);
			if (at < area.x - 1 || at > area.x + area.w + 1 || at - before < 9)
				continue;
			const link = document.createElement("a");
			link.href = "/traces/" + shown.trace + "/findings/" + finding.number;
			link.title = "finding " + finding.number + ": " + finding.headline;
			link.textContent = "▼";
			link.setAttribute("aria-label", link.title);
			link.style.left = at + "px";
			marks.append(link);
			before = at;
		}
	}

	function readout(row) {
		const point = shown.points[Math.min(row, shown.points.length - 1)];
		if (point === undefined)
			return;
		const values = pair(point);
		const damage = damageOf(point);
		let text = (point[0] / 1e9).toFixed(6) + " s: " + bytes(values[0], 1);
		if (damage !== 0)
			text += ", should be " + bytes(values[1], 1) + ": " + bytes(damage, 1) +
				(damage > 0 ? " missing" : " too many");
		said.textContent = text;
	}

	function zoomed(from, to) {
		go({ from: fixed(from), to: fixed(to) }, true);
	}

	// The legend is ours, and dygraphs' own writes style attributes, which the server's policy forbids.
	Dygraph.PLUGINS = Dygraph.PLUGINS.filter(function (plugin) { return plugin !== Dygraph.Plugins.Legend; });

	const model = Object.assign({}, Dygraph.defaultInteractionModel, {
		dblclick: function () { go({ from: first, to: last }, true); }
	});

	function common() {
		return {
			stepPlot: true, legend: "none", highlightCircleSize: 3, animatedZooms: false, xRangePad: 0,
			axisLabelFontSize: 11, axisLabelColor: colour("--muted"), axisLineColor: colour("--line-strong"),
			gridLineColor: colour("--line"), gridLineWidth: 1, interactionModel: model,
			zoomCallback: zoomed,
			highlightCallback: function (event, x, points, row) { readout(row); },
			unhighlightCallback: function () { said.textContent = ""; },
			axes: {
				x: { ticker: timeTicks, valueFormatter: String, drawAxis: true },
				y: { ticker: binaryTicks, axisLabelWidth: LEFT - 12 }
			}
		};
	}

	function mainOptions() {
		return Object.assign(common(), {
			labels: ["time", "as it should have been", "as it was"], customBars: true, fillAlpha: 0.2,
			colors: [colour("--should"), colour("--text")], strokeWidth: 1.4, includeZero: true,
			underlayCallback: drawDamage, drawCallback: placeMarks
		});
	}

	function offOptions() {
		return Object.assign(common(), {
			labels: ["time", "missing", "too many"], colors: [colour("--damage"), colour("--damage-2")],
			strokeWidth: 0.8, includeZero: true, underlayCallback: drawOff
		});
	}

	// The link to the events leads to those of the stretch that is shown.
	function leadToEvents() {
		const link = document.querySelector("a[data-events]");
		const url = new URL(link.href);
		url.searchParams.delete("from_ns");
		url.searchParams.delete("to_ns");
		if (!isWhole({ from: shown.from_ns / 1e9, to: shown.to_ns / 1e9 })) {
			url.searchParams.set("from_ns", shown.from_ns);
			url.searchParams.set("to_ns", shown.to_ns);
		}
		link.href = url.pathname + url.search;
	}

	function draw() {
		const stretch = [shown.from_ns / 1e9, shown.to_ns / 1e9];
		const differs = shown.points.some(function (point) { return damageOf(point) !== 0; });
		const rows = mainRows(shown);
		const options = Object.assign(mainOptions(), { file: rows, dateWindow: stretch, valueRange: null });
		mainBox.style.height = "20rem";
		if (main === null)
			main = new Dygraph(mainBox, rows, Object.assign(mainOptions(), { dateWindow: stretch }));
		else
			main.updateOptions(options);
		offBox.hidden = offTitle.hidden = !differs;
		if (differs && off === null)
			off = new Dygraph(offBox, offRows(shown), Object.assign(offOptions(), { dateWindow: stretch }));
		else if (differs)
			off.updateOptions(Object.assign(offOptions(), { file: offRows(shown), dateWindow: stretch,
				valueRange: null }));
		if (differs)
			off.resize();
		caption.textContent = shown.span <= 1 ? "Every change of the counter in this stretch is drawn. Drag to zoom."
			: "A point stands for up to " + shown.span.toLocaleString("en") +
			" changes of the counter, drawn from their least to their greatest value. Drag to see them.";
		leadToEvents();
		form.elements.from.value = urlTime(stretch[0]);
		form.elements.to.value = urlTime(stretch[1]);
		for (const button of buttons)
			button.disabled = button.zoom === "in" ? stretch[1] - stretch[0] < 1e-6
				: button.zoom === "earlier" ? stretch[0] <= first
				: button.zoom === "later" ? stretch[1] >= last : isWhole({ from: stretch[0], to: stretch[1] });
	}

	async function go(stretch, push) {
		const number = ++asked;
		const query = new URLSearchParams(location.search);
		let url = box.dataset.api + "&points=" + Math.max(200, Math.min(4000, box.clientWidth));
		if (!isWhole(stretch))
			url += "&from=" + urlTime(stretch.from) + "&to=" + urlTime(stretch.to);
		box.setAttribute("aria-busy", "true");
		try {
			const response = await fetch(url, { headers: { Accept: "application/json" } });
			const answer = await response.json();
			if (number !== asked)
				return;
			if (!response.ok)
				throw new Error(answer.detail || answer.title || response.statusText);
			shown = answer;
			if (push) {
				query.delete("from");
				query.delete("to");
				if (!isWhole(stretch)) {
					query.set("from", urlTime(stretch.from));
					query.set("to", urlTime(stretch.to));
				}
				history.pushState(null, "", location.pathname + (query.toString() ? "?" + query : ""));
			}
			box.querySelector("svg").setAttribute("hidden", "");
			chart.hidden = false;
			draw();
		} catch (failure) {
			said.textContent = "The points could not be had: " + failure.message;
		} finally {
			box.removeAttribute("aria-busy");
		}
	}

	function moved(how) {
		const from = shown.from_ns / 1e9;
		const to = shown.to_ns / 1e9;
		const middle = (from + to) / 2;
		const half = (to - from) / 2;
		const factor = how === "in" ? 0.25 : how === "out" ? 4 : 1;
		const shift = how === "earlier" ? -half : how === "later" ? half : 0;
		if (how === "whole" || factor * half * 2 >= last - first)
			return { from: first, to: last };
		let begin = middle + shift - half * factor;
		begin = Math.max(first, Math.min(begin, last - 2 * half * factor));
		return { from: begin, to: begin + 2 * half * factor };
	}

	function element(name, className, parent) {
		const made = document.createElement(name);
		made.className = className;
		parent.append(made);
		return made;
	}

	const caption = box.parentElement.querySelector("figcaption");
	const chart = document.createElement("div");
	chart.hidden = true;
	box.prepend(chart);
	const said = element("p", "plot-said number", chart);
	said.setAttribute("aria-live", "off");
	const marks = element("div", "plot-marks", chart);
	const mainBox = element("div", "plot-main", chart);
	mainBox.setAttribute("role", "img");
	mainBox.setAttribute("aria-label", box.querySelector("svg").getAttribute("aria-label"));
	const offTitle = element("p", "plot-off-title muted small", chart);
	offTitle.textContent = "By how much it was off: bytes missing above the line, too many below";
	const offBox = element("div", "plot-off", chart);
	offBox.setAttribute("role", "img");
	offBox.setAttribute("aria-label", offTitle.textContent);

	// The links of the page are for one stretch; these are for the one that is shown.
	const links = form.querySelector(".window-links");
	const buttons = Array.from(links.children, function (link) {
		const button = document.createElement("button");
		button.type = "button";
		button.textContent = link.textContent;
		button.zoom = link.dataset.zoom;
		button.addEventListener("click", function () { go(moved(button.zoom), true); });
		return button;
	});

	form.addEventListener("submit", function (event) {
		const from = Number(form.elements.from.value || first);
		const to = Number(form.elements.to.value || last);
		// What is no stretch is for the server to refuse, in words.
		if (!(from < to) || to < first || from > last || shown === null)
			return;
		event.preventDefault();
		zoomed(from, to);
	});
	window.addEventListener("popstate", function () { go(asIs(), false); });
	matchMedia("(prefers-color-scheme: dark)").addEventListener("change", function () {
		if (shown !== null)
			draw();
	});
	go(asIs(), false).then(function () {
		if (shown !== null)
			links.replaceChildren.apply(links, buttons);
	});
})();
