//! The interpreter: a stack, a memo, and one loop over the operations.
//!
//! Of pickle's operations it knows those that dictionaries, lists, tuples, numbers, texts and calls
//! need (protocols 2 to 5). Nothing recurses, and everything has a bound: the number of operations and
//! of what they copy, and with it stack, memo and objects.

use std::collections::HashMap;

use data::Problem;

use super::bytes::{Bytes, malformed};
use super::value::{Global, Object, Value};

/// Beyond this many operations, 80,000 tensors or so, a pickle is refused. What an operation copies,
/// such as a tensor's sizes, counts as one for each.
const MOST_OPERATIONS: usize = 1 << 22;

/// The state of the interpreter.
#[derive(Debug, Default)]
pub(super) struct Machine<'a> {
    pub(super) operations: Operations,
    pub(super) objects: Vec<Object<'a>>,
    stack: Vec<Value<'a>>,
    /// The heights of the stack that were marked.
    marks: Vec<usize>,
    memo: HashMap<usize, Value<'a>>,
    /// What the pickle is of; known at its end.
    pub(super) root: Option<Value<'a>>,
}

/// How many operations there were.
#[derive(Debug, Default)]
pub(super) struct Operations(usize);

impl Operations {
    /// Counts operations, or what one is about to copy.
    pub(super) fn count(&mut self, more: usize) -> Result<(), Problem> {
        self.0 += more;
        if self.0 > MOST_OPERATIONS {
            return malformed(format!("more than {MOST_OPERATIONS} operations"));
        }
        Ok(())
    }
}

/// Runs a pickle. An error comes with the byte of the operation that it is about.
pub(super) fn run(pickle: &[u8]) -> Result<Machine<'_>, (Problem, usize)> {
    let mut machine = Machine::default();
    let mut bytes = Bytes::new(pickle);
    loop {
        let start = bytes.position();
        let error = |problem| (problem, start);
        machine.operations.count(1).map_err(error)?;
        let operation = bytes.byte().map_err(error)?;
        if operation == b'.' {
            machine.root = Some(machine.pop().map_err(error)?);
            return Ok(machine);
        }
        machine.step(operation, &mut bytes).map_err(error)?;
    }
}

impl<'a> Machine<'a> {
    fn step(&mut self, operation: u8, bytes: &mut Bytes<'a>) -> Result<(), Problem> {
        match operation {
            0x80 => match bytes.byte()? {
                2..=5 => Ok(()),
                other => malformed(format!("a pickle of protocol {other}")),
            },
            0x95 => bytes.take(8).map(drop), // the length of a frame
            b'(' => {
                self.marks.push(self.stack.len());
                Ok(())
            }
            b'0' => self.pop().map(drop),
            b'1' => self.pop_to_mark().map(drop),
            b'q' => bytes.number::<1>().and_then(|place| self.remember(place)),
            b'r' => bytes.number::<4>().and_then(|place| self.remember(place)),
            0x94 => self.remember(self.memo.len()),
            b'h' => bytes.number::<1>().and_then(|place| self.recall(place)),
            b'j' => bytes.number::<4>().and_then(|place| self.recall(place)),
            b'c' => {
                let (module, name) = (bytes.line()?, bytes.line()?);
                self.global(module, name)
            }
            0x93 => self.global_of_stack(),
            b'Q' => self.load_storage(),
            b'R' => self.reduce(),
            b'b' => self.build(),
            b'a' | b'e' | b's' | b'u' => self.collect(operation),
            b')' | b']' | b'}' | b't' | 0x85..=0x87 | b'l' | b'd' => self.make(operation),
            _ => {
                let value = scalar(operation, bytes)?;
                self.push(value);
                Ok(())
            }
        }
    }

    /// Makes a tuple, a list or a dictionary.
    fn make(&mut self, operation: u8) -> Result<(), Problem> {
        let object = match operation {
            b')' => Object::Tuple(Vec::new()),
            b']' => Object::List(Vec::new()),
            b'}' => Object::Dict(Vec::new()),
            b't' => Object::Tuple(self.pop_to_mark()?),
            b'l' => Object::List(self.pop_to_mark()?),
            b'd' => Object::Dict(pairs(&self.pop_to_mark()?)?),
            _ => Object::Tuple(self.pop_many(usize::from(operation - 0x84))?),
        };
        self.push_object(object);
        Ok(())
    }

    /// Adds to the list or dictionary on the stack.
    fn collect(&mut self, operation: u8) -> Result<(), Problem> {
        let items = match operation {
            b'a' => self.pop_many(1)?,
            b's' => self.pop_many(2)?,
            _ => self.pop_to_mark()?,
        };
        let object = match self.stack.last() {
            Some(Value::Object(object)) => &mut self.objects[*object],
            _ => return malformed("items for something that has none"),
        };
        match (object, operation) {
            (Object::List(list), b'a' | b'e') => list.extend(items),
            (Object::Dict(dict), b's' | b'u') => dict.extend(pairs(&items)?),
            _ => return malformed("items of a list for a dictionary, or the other way round"),
        }
        Ok(())
    }

    fn global_of_stack(&mut self) -> Result<(), Problem> {
        let (name, module) = (self.pop()?, self.pop()?);
        match (module, name) {
            (Value::Text(module), Value::Text(name)) => self.global(module, name),
            _ => malformed("a global whose name is no text"),
        }
    }

    fn global(&mut self, module: &str, name: &str) -> Result<(), Problem> {
        let Some(global) = Global::named(module, name) else {
            return malformed(format!("a global that tensors do not need: {module}.{name}"));
        };
        self.push(Value::Global(global));
        Ok(())
    }

    fn remember(&mut self, place: usize) -> Result<(), Problem> {
        let value = self.top()?;
        self.memo.insert(place, value);
        Ok(())
    }

    fn recall(&mut self, place: usize) -> Result<(), Problem> {
        let Some(&value) = self.memo.get(&place) else {
            return malformed(format!("nothing is remembered as {place}"));
        };
        self.push(value);
        Ok(())
    }

    pub(super) fn push(&mut self, value: Value<'a>) {
        self.stack.push(value);
    }

    pub(super) fn push_object(&mut self, object: Object<'a>) {
        self.push(Value::Object(self.objects.len()));
        self.objects.push(object);
    }

    /// What lies above the last mark.
    fn lowest(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    pub(super) fn top(&self) -> Result<Value<'a>, Problem> {
        match self.stack.last() {
            Some(&value) if self.stack.len() > self.lowest() => Ok(value),
            _ => malformed("the stack is empty"),
        }
    }

    pub(super) fn pop(&mut self) -> Result<Value<'a>, Problem> {
        let value = self.top()?;
        self.stack.pop();
        Ok(value)
    }

    fn pop_many(&mut self, count: usize) -> Result<Vec<Value<'a>>, Problem> {
        match self.stack.len().checked_sub(count) {
            Some(start) if start >= self.lowest() => Ok(self.stack.split_off(start)),
            _ => malformed("the stack is empty"),
        }
    }

    fn pop_to_mark(&mut self) -> Result<Vec<Value<'a>>, Problem> {
        match self.marks.pop() {
            Some(mark) => Ok(self.stack.split_off(mark)),
            None => malformed("there is no mark"),
        }
    }
}

/// Keys and values that follow each other.
fn pairs<'a>(items: &[Value<'a>]) -> Result<Vec<(Value<'a>, Value<'a>)>, Problem> {
    let (pairs, rest) = items.as_chunks::<2>();
    if !rest.is_empty() {
        return malformed("a key without a value");
    }
    Ok(pairs.iter().map(|&[key, value]| (key, value)).collect())
}

/// A number, a flag, a text.
fn scalar<'a>(operation: u8, bytes: &mut Bytes<'a>) -> Result<Value<'a>, Problem> {
    Ok(match operation {
        b'N' => Value::None,
        0x88 => Value::Bool(true),
        0x89 => Value::Bool(false),
        b'J' => Value::Int(i32::from_le_bytes(bytes.array()?).into()),
        b'K' => Value::Int(bytes.byte()?.into()),
        b'M' => Value::Int(u16::from_le_bytes(bytes.array()?).into()),
        0x8a => {
            let count = bytes.number::<1>()?;
            Value::Int(bytes.long(count)?)
        }
        0x8b => {
            let count = bytes.number::<4>()?;
            Value::Int(bytes.long(count)?)
        }
        b'G' => Value::Float(f64::from_be_bytes(bytes.array()?)),
        b'X' | b'T' => {
            let count = bytes.number::<4>()?;
            Value::Text(bytes.text(count)?)
        }
        0x8c | b'U' => {
            let count = bytes.number::<1>()?;
            Value::Text(bytes.text(count)?)
        }
        0x8d => {
            let count = bytes.number::<8>()?;
            Value::Text(bytes.text(count)?)
        }
        other => return malformed(format!("an operation that tensors do not need: {other:#04x}")),
    })
}
