import { quote } from '../quote.ts';
import { PickleCursor } from './pickle_cursor.ts';
import { PickleStack, type Refuse } from './pickle_stack.ts';
import {
  PickleDict,
  PickleGlobal,
  PickleList,
  PickleObject,
  PickleTuple,
  type PickleValue,
} from './pickle_values.ts';

// Python's pickle, protocols 2 to 5, as data: its instructions are a small stack machine's, and those that would call
// something only say so to `Calls`, which knows a handful of names. https://docs.python.org/3/library/pickle.html,
// with the instructions one by one in CPython's Lib/pickletools.py

/** What a pickle asks to be called: each gives the value to go on with. */
export interface Calls {
  /** `callee(*args)`, by a call or as a new object. @param spend counts work beyond the instruction itself */
  call(callee: PickleValue, args: PickleValue, spend: (operations: number) => void): PickleValue;
  /** Sets an object's attributes from a state. */
  build(target: PickleValue, state: PickleValue): void;
  /** What stands outside the pickle under this id. */
  persistent(id: PickleValue): PickleValue;
}

/**
 * Reads one pickle. Nothing is executed, imported or looked up.
 * @param at where it begins
 * @param truncated how bytes that end before the pickle does are refused
 * @returns its value, and where the bytes behind it begin
 */
export function readPickle(
  bytes: Uint8Array,
  at: number,
  calls: Calls,
  refuse: Refuse,
  truncated: () => never = () => refuse('its pickle ends too early'),
): { readonly value: PickleValue; readonly end: number } {
  const cursor = new PickleCursor(bytes, at, truncated);
  const stack = new PickleStack(refuse);
  const call = (): void => {
    const args = stack.pop();
    stack.make(calls.call(stack.pop(), args, (operations) => stack.spend(operations)));
  };

  for (;;) {
    stack.spend(1);
    const operation = cursor.u8();
    switch (String.fromCharCode(operation)) {
      case '\x80': {
        const protocol = cursor.u8();
        if (protocol > 5) refuse(`its pickle is of protocol ${protocol}`);
        break;
      }
      case '\x95': // FRAME
        cursor.take(8);
        break;
      case '.': {
        const value = stack.pop();
        return { value, end: cursor.at };
      }
      case '(':
        stack.mark();
        break;
      case '0': // POP takes a mark too, where nothing lies above it.
        stack.drop();
        break;
      case '1':
        stack.popMark();
        break;
      case '2':
        stack.push(stack.top());
        break;
      case 'N':
        stack.push(null);
        break;
      case '\x88':
        stack.push(true);
        break;
      case '\x89':
        stack.push(false);
        break;
      case 'J':
        stack.push(cursor.i32());
        break;
      case 'K':
        stack.push(cursor.u8());
        break;
      case 'M':
        stack.push(cursor.u16());
        break;
      case '\x8a':
        stack.push(cursor.integer(cursor.u8()));
        break;
      case '\x8b':
        stack.push(cursor.integer(cursor.u32()));
        break;
      case 'G':
        stack.push(cursor.f64());
        break;
      case 'X':
      case 'T': // BINSTRING, Python 2's
        stack.push(cursor.string(cursor.u32()));
        break;
      case '\x8c':
      case 'U': // SHORT_BINSTRING, Python 2's
        stack.push(cursor.string(cursor.u8()));
        break;
      case '\x8d':
        stack.push(cursor.string(cursor.u64()));
        break;
      case 'B':
        stack.push(cursor.slice(cursor.u32()));
        break;
      case 'C':
        stack.push(cursor.slice(cursor.u8()));
        break;
      case '\x8e':
      case '\x96':
        stack.push(cursor.slice(cursor.u64()));
        break;
      case ')':
        stack.make(new PickleTuple([]));
        break;
      case '\x85':
        stack.makeTuple(1);
        break;
      case '\x86':
        stack.makeTuple(2);
        break;
      case '\x87':
        stack.makeTuple(3);
        break;
      case 't':
        stack.make(new PickleTuple(stack.popMark()));
        break;
      case ']':
        stack.make(new PickleList());
        break;
      case 'l': {
        const list = new PickleList();
        const items = stack.popMark();
        stack.make(list);
        stack.append(items);
        break;
      }
      case 'a':
        stack.append([stack.pop()]);
        break;
      case 'e':
        stack.append(stack.popMark());
        break;
      case '}':
        stack.make(new PickleDict());
        break;
      case 'd': {
        const items = stack.popMark();
        stack.make(new PickleDict());
        stack.setItems(items);
        break;
      }
      case 's': {
        const value = stack.pop();
        stack.setItems([stack.pop(), value]);
        break;
      }
      case 'u':
        stack.setItems(stack.popMark());
        break;
      case '\x8f':
        stack.make(new PickleObject('set', null));
        break;
      case '\x90': // ADDITEMS: of sets only that they are there is kept.
        stack.popMark();
        break;
      case '\x91':
        stack.popMark();
        stack.make(new PickleObject('frozenset', null));
        break;
      case 'q':
        stack.remember(cursor.u8());
        break;
      case 'r':
        stack.remember(cursor.u32());
        break;
      case '\x94':
        stack.remember();
        break;
      case 'h':
        stack.recall(cursor.u8());
        break;
      case 'j':
        stack.recall(cursor.u32());
        break;
      case 'c': {
        const module = cursor.line();
        stack.make(new PickleGlobal(module, cursor.line()));
        break;
      }
      case '\x93': {
        const name = stack.pop();
        const module = stack.pop();
        if (typeof name !== 'string' || typeof module !== 'string')
          refuse('its pickle names a class by no text');
        stack.make(new PickleGlobal(`${module}`, `${name}`));
        break;
      }
      case 'R':
      case '\x81':
        call();
        break;
      case '\x92': // NEWOBJ_EX: named arguments matter to none of the known names.
        stack.pop();
        call();
        break;
      case 'b': {
        const state = stack.pop();
        calls.build(stack.top(), state);
        break;
      }
      case 'Q':
        stack.make(calls.persistent(stack.pop()));
        break;
      default:
        refuse(
          `its pickle holds the instruction ${quote(String.fromCharCode(operation))} at byte ${cursor.at - 1}`,
        );
    }
  }
}
