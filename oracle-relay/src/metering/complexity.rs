//! How complex a JSON text is, seen before a tree is built of it.
//!
//! A tree takes many times the memory of the text that it is built of: `{"":0},` is 7 bytes of
//! text and more than 600 bytes of tree. What bounds the tree is the number of its values, and each
//! value but the first follows, with its name, a comma or an opening bracket.

/// The most commas and opening brackets that a request may have outside of its strings. The tree
/// of the worst such request takes about 70 MB; a long conversation with many tools has a few
/// thousand.
pub const MAX_STRUCTURE: usize = 200_000;

/// How many commas and opening brackets `json` has outside of its strings.
pub fn structure(json: &[u8]) -> usize {
	let (mut count, mut is_text, mut is_escaped) = (0usize, false, false);
	for &byte in json {
		match byte {
			_ if is_escaped => is_escaped = false,
			b'\\' if is_text => is_escaped = true,
			b'"' => is_text = !is_text,
			b',' | b'[' | b'{' if !is_text => count = count.saturating_add(1),
			_ => {},
		}
	}
	count
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_stands_in_strings_is_no_structure() {
		for (json, expected) in [
			("", 0),
			("1", 0),
			(r#"{"a": [1, 2]}"#, 3),
			(r#""[{,""#, 0),
			(r#"["\"[,", "\\", {}]"#, 4),
			(r#"["é,\\\",", 1]"#, 2),
		] {
			assert_eq!(structure(json.as_bytes()), expected, "{json}");
		}
	}
}
