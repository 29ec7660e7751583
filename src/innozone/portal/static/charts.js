// Bars for the cockpit, curves for the sandbox. Each chart stands beside its table and carries its own description: nothing is only here.

const style = (name) => {
  // A colour that may be written with light-dark() is read as the browser resolves it.
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
};

function draw() {
  for (const box of document.querySelectorAll("[data-chart]")) {
    const data = JSON.parse(document.getElementById(box.dataset.chart).textContent);
    const chart = window.echarts.getInstanceByDom(box) ?? window.echarts.init(box, null, { renderer: "svg" });
    const wide = box.clientWidth > 480;
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: style("--ink-2") },
      grid: { left: 8, right: 56, top: 4, bottom: 4, containLabel: true },
      tooltip: { trigger: "item", backgroundColor: style("--sheet"), borderColor: style("--line"), textStyle: { color: style("--ink") } },
      xAxis: { type: "value", show: false },
      yAxis: {
        type: "category", inverse: true, data: data.labels, axisTick: { show: false }, axisLine: { show: false },
        axisLabel: { color: style("--ink-2"), width: wide ? 220 : 130, overflow: "truncate" },
      },
      series: [{
        type: "bar", data: data.values, barMaxWidth: 16, itemStyle: { color: style("--accent"), borderRadius: 2 },
        label: { show: true, position: "right", color: style("--ink"), formatter: ({ value }) => value.toLocaleString() },
      }],
    });
    chart.resize();
  }
}

// Cost as a band from least to most on the left, how many have it as a line on the right; marks at today and the chosen.
function drawCurve() {
  for (const box of document.querySelectorAll("[data-curve]")) {
    const data = JSON.parse(document.getElementById(box.dataset.curve).textContent);
    const chart = window.echarts.getInstanceByDom(box) ?? window.echarts.init(box, null, { renderer: "svg" });
    const priced = data.low !== null;
    const short = (value) => !data.chinese ? Intl.NumberFormat("en", { notation: "compact" }).format(value)
      : value >= 1e8 ? `${+(value / 1e8).toFixed(2)}亿` : value >= 1e4 ? `${+(value / 1e4).toFixed(1)}万` : `${value}`;
    const mark = (at, label, type) => ({ xAxis: at, label: { formatter: label, color: style("--ink-2"), offset: [0, type === "solid" ? 0 : -14] }, lineStyle: { color: style(type === "solid" ? "--ink" : "--ink-3"), type } });
    const marks = [mark(data.before, data.words.before, "dashed"), ...(data.here === data.before ? [] : [mark(data.here, data.words.here, "solid")])];
    const axis = { type: "value", axisLabel: { color: style("--ink-2"), formatter: short }, splitLine: { lineStyle: { color: style("--line") } } };
    const line = { type: "line", symbol: "none", areaStyle: undefined };
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: style("--ink-2") },
      grid: { left: 8, right: 8, top: 58, bottom: 4, containLabel: true },
      legend: { top: 0, left: 0, textStyle: { color: style("--ink-2") }, itemHeight: 8, data: priced ? [data.words.low, data.words.high, data.words.granted] : [data.words.granted] },
      tooltip: { trigger: "axis", backgroundColor: style("--sheet"), borderColor: style("--line"), textStyle: { color: style("--ink") }, valueFormatter: (value) => Number(value).toLocaleString() },
      xAxis: { type: "category", data: data.labels, boundaryGap: false, axisLabel: { color: style("--ink-2"), hideOverlap: true }, axisLine: { lineStyle: { color: style("--line-strong") } } },
      yAxis: [...(priced ? [axis] : []), { ...axis, position: priced ? "right" : "left", splitLine: { show: !priced, lineStyle: { color: style("--line") } }, minInterval: 1 }],
      series: [
        ...(priced ? [
          { ...line, name: data.words.low, data: data.low, lineStyle: { color: style("--accent"), width: 2 }, itemStyle: { color: style("--accent") } },
          { ...line, name: data.words.high, data: data.high, lineStyle: { color: style("--accent"), width: 1, type: "dotted" }, itemStyle: { color: style("--accent") } },
        ] : []),
        { ...line, name: data.words.granted, data: data.granted, yAxisIndex: priced ? 1 : 0, step: false, lineStyle: { color: style("--good"), width: 2 }, itemStyle: { color: style("--good") }, markLine: { symbol: "none", data: marks } },
      ],
    }, true);
    chart.resize();
  }
}

function drawAll() {
  draw();
  drawCurve();
}

document.addEventListener("DOMContentLoaded", drawAll);
document.addEventListener("htmx:after:swap", drawCurve);
window.addEventListener("resize", drawAll);
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
