import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What managing staff and organisations in the console needs. */
export class StaffAndOrganisations1764000000730 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE organisations ADD COLUMN disabled_at timestamptz;
      -- The password was given to them by somebody else, who knows it.
      ALTER TABLE staff ADD COLUMN password_given boolean NOT NULL DEFAULT false;
      CREATE INDEX staff_of_organisation ON staff (organisation_id, username);
      CREATE INDEX staff_roles_of_organisation ON staff_roles (organisation_id, role);
      -- 'security': whoever gives out roles where system, security and audit are three people
      ALTER TABLE staff_roles DROP CONSTRAINT staff_roles_role_check, ADD CONSTRAINT staff_roles_role_check
        CHECK (role IN ('clerk','dispatcher','operator','reviewer','supervisor','auditor','security','admin'));
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DELETE FROM staff_roles WHERE role = 'security';
      ALTER TABLE staff_roles DROP CONSTRAINT staff_roles_role_check, ADD CONSTRAINT staff_roles_role_check
        CHECK (role IN ('clerk','dispatcher','operator','reviewer','supervisor','auditor','admin'));
      DROP INDEX staff_roles_of_organisation, staff_of_organisation;
      ALTER TABLE staff DROP COLUMN password_given;
      ALTER TABLE organisations DROP COLUMN disabled_at;
    `);
  }
}
