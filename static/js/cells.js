// What a pasted block says and what a column adds up to. Pure: touches no page.

/** The cells of a block copied from Excel or WPS: tabs between cells, line ends between rows;
 * a cell with a tab, a line end or a quotation mark stands in quotes, its own quotes doubled. */
export function block(text) {
  const rows = [[]];
  const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  let i = 0;
  for (;;) {
    let cell = "";
    if (source[i] === '"' && closes(source, i)) {
      i += 1;
      while (source[i] !== '"' || source[i + 1] === '"') {
        if (source[i] === '"') i += 1;
        cell += source[i];
        i += 1;
      }
      i += 1;
    } else {
      while (i < source.length && source[i] !== "\t" && source[i] !== "\n") {
        cell += source[i];
        i += 1;
      }
    }
    rows[rows.length - 1].push(cell);
    if (i >= source.length) return rows;
    if (source[i] === "\n") rows.push([]);
    i += 1;
  }
}

/** Whether the quotation mark at `start` opens a cell that ends with another before a tab or line end. */
function closes(source, start) {
  let i = start + 1;
  while (i < source.length) {
    if (source[i] === '"') {
      if (source[i + 1] === '"') i += 2;
      else return i + 1 >= source.length || source[i + 1] === "\t" || source[i + 1] === "\n";
    } else i += 1;
  }
  return false;
}

/** A figure as it is typed: half width, no spaces, no currency sign, no % where the unit says it;
 * a sum in brackets is negative. Anything else stays as it was pasted: the server names it. */
export function figure(text, unit = "") {
  let plain = text.normalize("NFKC").replace(/\s/g, "").replace(/[−–]/g, "-");
  const booked = /^\(([\d.,]+)\)$/.exec(plain);
  if (booked) plain = `-${booked[1]}`;
  if (/^[-+]?[¥￥$][\d.,]+$/.test(plain)) plain = plain.replace(/[¥￥$]/, "");
  if (unit === "%" && /^[-+]?[\d.,]+%$/.test(plain)) plain = plain.slice(0, -1);
  return plain || text.trim();
}

export const sameText = (a, b) => a.normalize("NFKC").trim() === b.normalize("NFKC").trim();

const SCALE = 12;

/** A typed figure as a whole number of 10^-12, or null. */
export function scaled(text) {
  const plain = String(text).normalize("NFKC").replace(/[\s,%]/g, "");
  const parts = /^([-+]?)(\d{0,15})(?:\.(\d{0,12}))?$/.exec(plain);
  if (!parts || !/\d/.test(plain)) return null;
  const digits = `${parts[2] || "0"}${(parts[3] || "").padEnd(SCALE, "0")}`;
  return BigInt(digits) * (parts[1] === "-" ? -1n : 1n);
}

/** Rounded half away from nothing to so many places, with separators. */
export function words(value, places) {
  const step = 10n ** BigInt(SCALE - places);
  const size = value < 0n ? -value : value;
  const rounded = (size + step / 2n) / step;
  const text = String(rounded).padStart(places + 1, "0");
  const whole = text.slice(0, text.length - places).replace(/\B(?=(\d{3})+$)/g, ",");
  const sign = value < 0n && rounded ? "-" : "";
  return sign + whole + (places ? `.${text.slice(-places)}` : "");
}

/** The sum of the parts that are figures; null where none is. */
export function sum(parts) {
  const found = parts.filter((part) => part !== null);
  return found.length ? found.reduce((a, b) => a + b, 0n) : null;
}

/** One part as a share of another; null where one is missing or the second is nothing. */
export function share(upper, lower, percent) {
  if (upper === null || !lower) return null;
  return (upper * (percent ? 100n : 1n) * 10n ** BigInt(SCALE)) / lower;
}
