import { describe, expect, it } from 'vitest';
import { OwabiError } from '../../src/errors.ts';
import { isOutage } from '../../src/http/outage.ts';
import { problemAnswer } from '../../src/http/problem.ts';
import { fieldErrors } from '../../src/http/validation-errors.ts';

const withCode = (code: string, more: object = {}) =>
  Object.assign(new Error('Taro Yamada <taro@example.jp>'), { code, ...more });

describe('a problem document', () => {
  it('shows code, title, detail and further members of an error of ours', () => {
    const { status, body } = problemAnswer(new OwabiError('wrong_state', 'It is sending.', { noticeId: '7' }), 'r1');
    expect(status).toBe(409);
    expect(body).toEqual({
      type: 'urn:owabi:error:wrong_state',
      title: 'This is not possible in the present state.',
      status: 409,
      detail: 'It is sending.',
      code: 'wrong_state',
      requestId: 'r1',
      noticeId: '7',
    });
  });

  it('cannot be made to lie about its code by further members', () => {
    expect(problemAnswer(new OwabiError('conflict', 'x', { code: 'fine', status: 200 }), 'r').body).toMatchObject({
      code: 'conflict',
      status: 409,
    });
  });

  it.each([
    ['an unknown error', withCode('XX000'), 'internal'],
    ['something that is no error', 'a string', 'internal'],
    ['a refused connection', withCode('ECONNREFUSED'), 'unavailable'],
    ['a database that shuts down', withCode('57P01'), 'unavailable'],
    ['JSON that is none', Object.assign(new SyntaxError('x'), { statusCode: 400 }), 'bad_request'],
    ['a body that is too large', withCode('FST_ERR_CTP_BODY_TOO_LARGE', { statusCode: 413 }), 'too_large'],
    ['a type nobody reads', withCode('FST_ERR_CTP_INVALID_MEDIA_TYPE', { statusCode: 415 }), 'unsupported_media_type'],
    [
      'a multipart route without multipart',
      withCode('FST_INVALID_MULTIPART_CONTENT_TYPE', { statusCode: 406 }),
      'unsupported_media_type',
    ],
    ['a text with NUL', withCode('22021'), 'bad_request'],
  ])('for %s never repeats its words', (_what, error, code) => {
    const { body } = problemAnswer(error, 'r');
    expect(body.code).toBe(code);
    expect(JSON.stringify(body)).not.toMatch(/Yamada|example\.jp|a string/);
  });

  it('tells when to try again', () => {
    expect(problemAnswer(withCode('ECONNREFUSED'), 'r').headers['retry-after']).toBe('5');
    expect(problemAnswer(new OwabiError('rate_limited', 'x', { retryAfter: 17 }), 'r').headers['retry-after']).toBe(
      '17',
    );
  });
});

describe('an outage', () => {
  it('is seen behind an address with several numbers', () => {
    expect(isOutage(new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNREFUSED')]))).toBe(true);
  });

  it('is not a file that is missing', () => {
    expect(isOutage(withCode('ENOENT', { syscall: 'open' }))).toBe(false);
    expect(isOutage(withCode('ENOENT', { syscall: 'connect' }))).toBe(true);
  });

  it('is not a statement that is wrong', () => {
    expect(isOutage(withCode('42601'))).toBe(false);
  });
});

describe('the fields that are wrong', () => {
  it('are named by path, each once', () => {
    const findings = [
      { keyword: 'boolean', instancePath: '/pace/x', params: {}, message: 'schema is false' },
      { keyword: 'additionalProperties', instancePath: '/pace', params: { additionalProperties: ['x'] } },
      { keyword: 'required', instancePath: '', params: { requiredProperties: ['template', 'channels'] } },
      { keyword: 'type', instancePath: '/a~1b/0', params: {}, message: 'must be string' },
      { keyword: 'minLength', instancePath: '/a~1b/0', params: {}, message: 'must be longer' },
    ];
    expect(fieldErrors(findings)).toEqual([
      { path: 'pace.x', message: 'is not a known field' },
      { path: 'template', message: 'is missing' },
      { path: 'channels', message: 'is missing' },
      { path: 'a/b.0', message: 'must be string' },
    ]);
  });
});
