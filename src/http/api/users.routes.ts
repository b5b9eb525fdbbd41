import Type from 'typebox';
import { OwabiError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { createUser, endUser, listUsers, type UserRole, userRoles } from '../../users/users.store.ts';
import { pageOf, pageRequest } from '../paging.ts';
import type { RoutePlugin } from '../route.ts';
import { closed, IdParams, OneOf, Page, PageQuery, Time } from '../schemas.ts';

const Role = OneOf(...userRoles);
const Roles = Type.Array(Role, { minItems: 1, maxItems: 4, uniqueItems: true });
const Name = Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\u0000-\\u001f\\u007f]+$' });
const NewUser = closed(
  { name: Name, roles: Type.Optional(Roles), role: Type.Optional(Role) },
  { description: 'Either `roles` or, for a single one, `role`.' },
);
const user = { id: Type.String(), name: Type.String(), roles: Roles };
const MadeUser = Type.Object({ ...user, apiKey: Type.String({ description: 'Shown this once.' }) });
const ShownUser = Type.Object({ ...user, createdAt: Time });

/** Users and their keys. Only administrators come here. */
export const userRoutes =
  ({ db }: Pick<Services, 'db'>): RoutePlugin =>
  async (app) => {
    app.post(
      '/v1/users',
      {
        config: { roles: ['admin'], creates: 'secret' },
        schema: { summary: 'Make a user with an API key', body: NewUser, response: { 201: MadeUser } },
      },
      async (request, reply) => {
        const roles = rolesOf(request.body);
        const made = await createUser(db, { name: request.body.name, roles, by: request.user.id });
        return reply.code(201).send({ ...made, roles: [...made.roles] });
      },
    );
    app.get(
      '/v1/users',
      {
        config: { roles: ['admin'] },
        schema: { summary: 'Users who have not ended', querystring: PageQuery, response: { 200: Page(ShownUser) } },
      },
      async (request) => {
        const page = pageRequest(request.query);
        return pageOf(await listUsers(db, page), page, (row) => row.id, shown);
      },
    );
    app.delete(
      '/v1/users/:id',
      {
        config: { roles: ['admin'] },
        schema: { summary: 'End a user and all their keys', params: IdParams, response: { 204: Type.Null() } },
      },
      async (request, reply) => {
        const end = await endUser(db, request.params.id, request.user.id);
        if (end === 'unknown') throw new OwabiError('not_found', 'There is no user with this id.');
        if (end === 'last_admin')
          throw new OwabiError('conflict', 'This is the last administrator: make another one first.');
        app.forgetUser(request.params.id);
        return reply.code(204).send(null);
      },
    );
  };

/** @throws OwabiError `invalid_body` unless exactly one of the two is given */
function rolesOf({ role, roles }: { role?: UserRole; roles?: UserRole[] }): UserRole[] {
  const given = roles ?? (role ? [role] : null);
  if (given && !(role && roles)) return given;
  throw new OwabiError('invalid_body', 'Give either roles or role.', {
    errors: [{ path: 'roles', message: 'give either roles or role' }],
  });
}

function shown(row: { id: string; name: string; roles: string[]; created_at: Date }) {
  return { id: row.id, name: row.name, roles: row.roles as UserRole[], createdAt: row.created_at.toISOString() };
}
