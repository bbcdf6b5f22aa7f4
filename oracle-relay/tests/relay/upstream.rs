//! A provider on a real local connection that does what a test tells it, right or wrong.

use std::{
	sync::{
		atomic::{AtomicUsize, Ordering},
		Arc, Mutex,
	},
	time::Duration,
};

use serde_json::{json, Value};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::{TcpListener, TcpStream},
	sync::Notify,
};

/// What the provider does with a request.
#[derive(Clone)]
pub enum Script {
	/// Answers with this status and body.
	Reply(u16, String),
	/// Answers with a stream.
	Stream(Vec<Step>),
	/// Answers with this body, when the test lets it.
	Held(Arc<Notify>, String),
	/// Closes the connection without a word.
	HangUp,
	/// Never answers.
	Silence,
}

/// A step of a stream.
#[derive(Clone)]
pub enum Step {
	/// Sends an event.
	Event(String),
	/// Waits for the test.
	Wait(Arc<Notify>),
	/// Says nothing for ever.
	Stall,
	/// Breaks the connection.
	Reset,
}

/// A running provider.
pub struct Upstream {
	pub url: String,
	seen: Arc<Seen>,
}

/// What a provider has seen of the relay.
#[derive(Default)]
struct Seen {
	requests: Mutex<Vec<Value>>,
	hang_ups: AtomicUsize,
}

impl Upstream {
	/// Starts one that treats every request by `script`.
	pub async fn start(script: Script) -> Self {
		let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
		let url = format!("http://{}/v1", listener.local_addr().unwrap());
		let seen = Arc::new(Seen::default());
		let shared = seen.clone();
		tokio::spawn(async move {
			while let Ok((connection, _)) = listener.accept().await {
				tokio::spawn(serve(connection, script.clone(), shared.clone()));
			}
		});
		Self { url, seen }
	}

	/// The bodies of the requests so far.
	pub fn requests(&self) -> Vec<Value> {
		self.seen.requests.lock().unwrap().clone()
	}

	/// Waits until the relay has closed a connection before its answer was over.
	pub async fn hung_up(&self) {
		let hang_ups = &self.seen.hang_ups;
		until("the relay hangs up", async || hang_ups.load(Ordering::SeqCst) > 0).await;
	}
}

async fn serve(mut connection: TcpStream, script: Script, seen: Arc<Seen>) {
	let Some(body) = read_request(&mut connection).await else { return };
	seen.requests.lock().unwrap().push(body);
	match script {
		Script::Held(notify, body) => {
			notify.notified().await;
			reply(&mut connection, 200, &body).await;
		},
		Script::Reply(status, body) => reply(&mut connection, status, &body).await,
		Script::Stream(steps) => stream(connection, steps, &seen).await,
		Script::HangUp => {},
		Script::Silence => hang_up(&mut connection, &seen).await,
	}
}

async fn reply(connection: &mut TcpStream, status: u16, body: &str) {
	let head = format!(
		"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
		 connection: close\r\n\r\n",
		body.len()
	);
	let _ = connection.write_all((head + body).as_bytes()).await;
}

/// Waits for the relay to close the connection.
async fn hang_up(connection: &mut TcpStream, seen: &Seen) {
	let mut byte = [0];
	while connection.read(&mut byte).await.is_ok_and(|count| count > 0) {}
	seen.hang_ups.fetch_add(1, Ordering::SeqCst);
}

async fn stream(mut connection: TcpStream, steps: Vec<Step>, seen: &Seen) {
	let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n\
		transfer-encoding: chunked\r\nconnection: close\r\n\r\n";
	connection.write_all(head.as_bytes()).await.unwrap();
	for step in steps {
		match step {
			Step::Event(data) => {
				let event = format!("data: {data}\n\n");
				let chunk = format!("{:x}\r\n{event}\r\n", event.len());
				if connection.write_all(chunk.as_bytes()).await.is_err() {
					return;
				}
			},
			Step::Wait(notify) => tokio::select! {
				() = notify.notified() => {},
				() = hang_up(&mut connection, seen) => return,
			},
			Step::Stall => return hang_up(&mut connection, seen).await,
			Step::Reset => return,
		}
	}
	let _ = connection.write_all(b"0\r\n\r\n").await;
}

async fn read_request(connection: &mut TcpStream) -> Option<Value> {
	let mut bytes = Vec::new();
	loop {
		let mut piece = [0; 4096];
		let count = connection.read(&mut piece).await.ok().filter(|count| *count > 0)?;
		bytes.extend_from_slice(&piece[..count]);
		let text = String::from_utf8_lossy(&bytes);
		let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
		let length = head.lines().find_map(|line| {
			let (name, value) = line.split_once(':')?;
			name.eq_ignore_ascii_case("content-length")
				.then(|| value.trim().parse::<usize>().ok())?
		});
		if body.len() >= length? {
			return serde_json::from_str(body).ok();
		}
	}
}

/// A whole completion with this text and usage, sent at once.
pub fn completion(text: &str, usage: Value) -> Script {
	Script::Reply(200, completion_body(text, usage))
}

/// A whole completion with this text and usage.
pub fn completion_body(text: &str, usage: Value) -> String {
	let body = json!({
		"id": "cmpl-1", "object": "chat.completion", "created": 1, "model": "model",
		"choices": [{
			"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop",
		}],
		"usage": usage,
	});
	body.to_string()
}

/// A chunk with this text.
pub fn text(content: &str) -> Step {
	let chunk = json!({
		"id": "cmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "model",
		"choices": [{"index": 0, "delta": {"content": content}, "finish_reason": null}],
	});
	Step::Event(chunk.to_string())
}

/// The chunk that says that the answer is complete.
pub fn stop() -> Step {
	let chunk = json!({
		"id": "cmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "model",
		"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
	});
	Step::Event(chunk.to_string())
}

/// The usage report.
pub fn report(prompt: u32, output: u32) -> Step {
	let chunk = json!({
		"id": "cmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "model",
		"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": output},
	});
	Step::Event(chunk.to_string())
}

/// The end of a stream.
pub fn done() -> Step {
	Step::Event("[DONE]".into())
}

/// Waits until `is_so`, or fails the test.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
	for _ in 0..500 {
		if is_so().await {
			return;
		}
		tokio::time::sleep(Duration::from_millis(10)).await;
	}
	panic!("in vain: {what}");
}
