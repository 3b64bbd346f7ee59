//! As much of MySQL's packets as the proxy looks at.

use std::io::Read as _;
use std::net::TcpStream;

/// A statement as text.
pub const COM_QUERY: u8 = 3;
/// COM_QUIT, COM_STMT_SEND_LONG_DATA, COM_STMT_CLOSE.
pub const NOT_ANSWERED: [u8; 3] = [0x01, 0x18, 0x19];

/// True for the packet after which the client speaks TLS: flags, sizes and nothing else.
pub fn asks_for_tls(packet: &[u8]) -> bool {
    const CLIENT_SSL: u8 = 0x08;
    packet.len() == 36 && packet[3] == 1 && packet[5] & CLIENT_SSL != 0
}

/// A packet with its head: three bytes of length, one of sequence.
pub fn read_packet(from: &mut TcpStream) -> Option<Vec<u8>> {
    let mut packet = vec![0; 4];
    from.read_exact(&mut packet).ok()?;
    let length = u32::from_le_bytes([packet[0], packet[1], packet[2], 0]);
    packet.resize(4 + usize::try_from(length).expect("a length"), 0);
    from.read_exact(&mut packet[4..]).ok()?;
    Some(packet)
}

/// The server's answer that it refused, as the first one to a command.
pub fn error_packet(code: u16) -> Vec<u8> {
    let mut payload = vec![0xFF];
    payload.extend(code.to_le_bytes());
    payload.extend(b"#40001vetoed by the test");
    let mut packet = vec![u8::try_from(payload.len()).expect("a short one"), 0, 0, 1];
    packet.extend(payload);
    packet
}
