export const organisationKinds = [
  'city',
  'district',
  'street',
  'community',
  'bureau',
  'hospital',
  'department',
] as const;
export type OrganisationKind = (typeof organisationKinds)[number];

export const kindTitles: Record<OrganisationKind, string> = {
  city: '市',
  district: '区县',
  street: '街道',
  community: '社区',
  bureau: '委办局',
  hospital: '医院',
  department: '科室',
};

const below: Record<OrganisationKind, readonly OrganisationKind[]> = {
  city: ['district', 'street', 'community', 'bureau', 'hospital', 'department'],
  district: ['street', 'community', 'bureau', 'hospital', 'department'],
  street: ['community', 'department'],
  community: ['department'],
  bureau: ['bureau', 'hospital', 'department'],
  hospital: ['hospital', 'department'],
  department: ['department'],
};

/** Whether such a one belongs below such a one. */
export const mayStandBelow = (kind: OrganisationKind, parent: OrganisationKind): boolean =>
  below[parent].includes(kind);
