/** A point on the map of China: GCJ-02, which WeChat's location messages and Tencent's map speak. */
export type Point = { latitude: number; longitude: number };

const earthMetres = 6_371_000;
const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** As the crow flies, which is what is said of it. */
export function metresBetween(one: Point, other: Point): number {
  const height = Math.sin(radians(other.latitude - one.latitude) / 2) ** 2;
  const width = Math.sin(radians(other.longitude - one.longitude) / 2) ** 2;
  const chord = height + Math.cos(radians(one.latitude)) * Math.cos(radians(other.latitude)) * width;
  return Math.round(2 * earthMetres * Math.asin(Math.sqrt(chord)));
}

// Of the ellipsoid of Krasovsky, which GCJ-02 is reckoned on.
const axis = 6_378_245;
const eccentricity = 0.006_693_421_622_965_943;

/** What a browser's GPS says (WGS-84), as the maps of China show it: some 300 to 700 metres away. */
export function fromWgs84({ latitude, longitude }: Point): Point {
  const [x, y] = [longitude - 105, latitude - 35];
  const wave = (20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * (2 / 3);
  const north =
    -100 +
    2 * x +
    3 * y +
    0.2 * y * y +
    0.1 * x * y +
    0.2 * Math.sqrt(Math.abs(x)) +
    wave +
    ((20 * Math.sin(y * Math.PI) + 40 * Math.sin((y / 3) * Math.PI)) * 2) / 3 +
    ((160 * Math.sin((y / 12) * Math.PI) + 320 * Math.sin((y * Math.PI) / 30)) * 2) / 3;
  const east =
    300 +
    x +
    2 * y +
    0.1 * x * x +
    0.1 * x * y +
    0.1 * Math.sqrt(Math.abs(x)) +
    wave +
    ((20 * Math.sin(x * Math.PI) + 40 * Math.sin((x / 3) * Math.PI)) * 2) / 3 +
    ((150 * Math.sin((x / 12) * Math.PI) + 300 * Math.sin((x / 30) * Math.PI)) * 2) / 3;
  const sine = Math.sin(radians(latitude));
  const curve = 1 - eccentricity * sine * sine;
  return {
    latitude: latitude + (north * 180) / (((axis * (1 - eccentricity)) / (curve * Math.sqrt(curve))) * Math.PI),
    longitude: longitude + (east * 180) / ((axis / Math.sqrt(curve)) * Math.cos(radians(latitude)) * Math.PI),
  };
}
