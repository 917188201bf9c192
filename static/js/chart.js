// A chart beside its table: <figure data-chart="table-id" data-kind="bar|stack" hidden> is drawn from
// the table itself, so that both always say the same. Rows give the categories (th[scope=row]), cells
// marked data-series="name" the values. Drawn on a canvas; without the script the table stands alone.

const css = getComputedStyle(document.documentElement);
const ink = (name) => css.getPropertyValue(name).trim();
const value = (cell) => Number.parseFloat(cell.textContent.replaceAll(",", "")) || 0;

function read(table) {
  const rows = [...table.tBodies[0].rows].filter((row) => row.querySelector("th[scope=row]"));
  const names = [...new Set([...table.querySelectorAll("[data-series]")].map((cell) => cell.dataset.series))];
  return {
    categories: rows.map((row) => row.dataset.category || row.querySelector("th[scope=row]").firstChild.textContent.trim()),
    series: names.map((name) => ({
      name,
      values: rows.map((row) => {
        const cell = [...row.cells].find((one) => one.dataset.series === name);
        return cell ? value(cell) : 0;
      }),
    })),
  };
}

function draw(figure) {
  const table = document.getElementById(figure.dataset.chart);
  if (!table || !table.tBodies[0]) return;
  const { categories, series } = read(table);
  if (!categories.length || !series.length) return;
  figure.hidden = false;
  const box = figure.querySelector("[data-canvas]");
  const size = Number.parseFloat(css.getPropertyValue("--jb-fs-0")) * Number.parseFloat(css.fontSize);
  box.style.height = `${Math.max(8, categories.length * (series.length > 1 ? 2.3 : 1.9) + 2.5)}rem`;
  const colours = [ink("--jb-ink-2"), ink("--jb-line-2"), ink("--jb-teal"), ink("--jb-edge")];
  const text = { color: ink("--jb-ink-2"), fontFamily: ink("--jb-sans"), fontSize: size };
  const chart = window.echarts.init(box, null, { renderer: "canvas" });
  chart.setOption({
    animation: false,
    color: colours,
    textStyle: text,
    legend: series.length > 1 ? { bottom: 0, left: 0, itemHeight: 10, itemWidth: 14, icon: "rect", textStyle: text } : undefined,
    grid: { left: 4, right: 44, top: 4, bottom: series.length > 1 ? 28 : 4, containLabel: true },
    xAxis: { type: "value", minInterval: 1, axisLabel: text, splitLine: { lineStyle: { color: ink("--jb-line") } } },
    yAxis: {
      type: "category",
      inverse: true,
      data: categories,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: ink("--jb-line-2") } },
      axisLabel: { ...text, color: ink("--jb-ink"), width: 150, overflow: "truncate" },
    },
    series: series.map((one, n) => ({
      type: "bar",
      name: one.name,
      data: one.values,
      stack: figure.dataset.kind === "stack" ? "all" : undefined,
      barMaxWidth: 16,
      label:
        figure.dataset.kind === "stack" && n < series.length - 1
          ? undefined
          : { show: true, position: "right", ...text, color: ink("--jb-ink") },
    })),
  });
  new ResizeObserver(() => chart.resize()).observe(box);
}

for (const figure of document.querySelectorAll("[data-chart]")) draw(figure);
