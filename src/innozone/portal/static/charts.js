// Bars for the cockpit. Each chart stands beside its table and carries its own description: nothing is only here.

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

document.addEventListener("DOMContentLoaded", draw);
window.addEventListener("resize", draw);
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
