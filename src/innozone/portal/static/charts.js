// Bar charts drawn from the table beside them: the table is the data, the chart a reading of it.

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function read(box) {
  const table = document.getElementById(box.dataset.chart);
  const values = table.dataset.values.split(",").map(Number);
  return [...table.querySelectorAll("tbody tr")].map((row, at) => ({
    name: row.querySelector("th").textContent.trim(),
    text: row.querySelector("td").textContent.trim(),
    value: values[at],
    url: row.querySelector("a")?.getAttribute("href"),
  }));
}

function draw(box) {
  const rows = read(box).reverse();
  box.style.height = `${Math.max(140, rows.length * 26 + 16)}px`;
  const chart = echarts.getInstanceByDom(box) ?? echarts.init(box, null, { renderer: "svg" });
  const ink = colour("--ink-2");
  // Names get what they need, up to two fifths of the width.
  const widest = Math.min(box.clientWidth * 0.4, Math.max(...rows.map((row) => row.name.length)) * 13);
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 13 },
    grid: { left: widest + 8, right: 84, top: 4, bottom: 4 },
    xAxis: { type: "value", show: false },
    yAxis: {
      type: "category",
      data: rows.map((row) => row.name),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { color: ink, width: widest, overflow: "truncate" },
    },
    series: [{
      type: "bar",
      barMaxWidth: 16,
      itemStyle: { color: colour("--accent") },
      cursor: rows.some((row) => row.url) ? "pointer" : "default",
      label: { show: true, position: "right", color: ink, formatter: (point) => rows[point.dataIndex].text },
      data: rows.map((row) => row.value),
    }],
  });
  chart.off("click");
  chart.on("click", (point) => { if (rows[point.dataIndex].url) location.assign(rows[point.dataIndex].url); });
  chart.resize();
}

const boxes = [...document.querySelectorAll("[data-chart]")];
const redraw = () => boxes.forEach(draw);
redraw();
new ResizeObserver(redraw).observe(document.querySelector("main"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
