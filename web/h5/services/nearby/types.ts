export type Place = {
  key: string;
  title: string;
  district: string;
  address: string;
  phone: string;
  matters: string;
  distance: string;
  open: boolean;
  opening: string;
  hours: string;
  busy: string;
  directions: string;
};
export type Found = { demo: boolean; districts: string[]; places: Place[]; next: number | null };
/** What a browser tells is WGS-84. */
export type From = { latitude: number; longitude: number; datum: 'wgs84' };
