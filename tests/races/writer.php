<?php
/*
 * A WordPress that writes beside the service until the file $args['stop'] is there. It does what its visitors make it
 * do, with its own functions, and says what it did. Each act begins without what the one before had read, as every
 * request does.
 */

global $wpdb;

// Of a class of its own: what is noted in a hook is seen here.
$did           = new stdClass();
$did->acts     = 0;
$did->inserted = array();
$did->written  = array();
$did->sessions = array();
$did->ended    = array();
$did->users    = array();
$did->windows  = array();

// Time as the ledger has it, to the microsecond.
$now = function () {
	return microtime( true );
};

// Which rows of usermeta are WordPress's own.
add_action(
	'added_user_meta',
	function ( $id ) use ( $did ) {
		$did->inserted[] = (int) $id;
	}
);
add_action(
	'set_logged_in_cookie',
	function ( $cookie, $expire, $expiration, $user_id, $scheme, $token ) use ( $did ) {
		$did->sessions[] = array( 'user_id' => (int) $user_id, 'token' => $token, 'verifier' => hash( 'sha256', $token ) );
	},
	10,
	6
);
add_filter( 'send_auth_cookies', '__return_false' );

// How long a login holds what it read of the user's meta before it writes the list of sessions.
$read = 0.0;
add_filter(
	'query',
	function ( $sql ) use ( $did, &$read, $now ) {
		if ( 0.0 === $read && preg_match( '/^SELECT user_id, meta_key, meta_value FROM \S+usermeta /', $sql ) ) {
			$read = $now();
		} elseif ( 0.0 !== $read && preg_match( '/^(UPDATE|INSERT INTO) `\S+usermeta` .*session_tokens/s', $sql ) ) {
			$did->windows[] = $now() - $read;
		}
		return $sql;
	}
);

$log_in = function ( $login ) use ( $args ) {
	$user = wp_signon( array( 'user_login' => $login, 'user_password' => $args['password'] ), false );
	if ( is_wp_error( $user ) ) {
		throw new Exception( $user->get_error_message() );
	}
};
$pick   = function ( $list ) {
	return $list[ mt_rand( 0, count( $list ) - 1 ) ];
};


// Every statement that failed, such as one that the server rolled back for a deadlock.
$failures = function () {
	return (array) ( $GLOBALS['EZSQL_ERROR'] ?? array() );
};

mt_srand( $args['seed'] );
touch( $args['started'] );
while ( ! file_exists( $args['stop'] ) ) {
	++$did->acts;
	$read = 0.0;
	wp_cache_flush();
	$before = clone $did;
	$failed = count( $failures() );
	$choice = $pick( $args['choices'] );
	// By turns where the other side keeps to them too, so that no list grows long.
	$user   = $args['turn'] ? $args['users'][ (int) ( $now() / $args['turn'] ) % count( $args['users'] ) ] : $pick( $args['users'] );
	switch ( $choice ) {
		case 'log_in':
			$log_in( $user['login'] );
			break;

		case 'log_in_newcomer':
			// Those whom the service has just begun with, and the next.
			$ids   = array_column( $args['newcomers'], 'id' );
			$begun = $wpdb->get_var(
				"SELECT COUNT(DISTINCT user_id) FROM $wpdb->usermeta WHERE meta_key = 'session_tokens'
				AND user_id IN (" . implode( ',', $ids ) . ')'
			);
			$place = min( count( $ids ) - 1, $begun + mt_rand( 0, 1 ) );
			$log_in( $args['newcomers'][ $place ]['login'] );
			break;

		case 'log_out':
			if ( $did->sessions ) {
				$session = $pick( $did->sessions );
				WP_Session_Tokens::get_instance( $session['user_id'] )->destroy( $session['token'] );
				$did->ended[] = $session['verifier'];
			}
			break;

		case 'write':
			$value = "php$did->acts";
			$key   = $pick( $args['keys'] );
			// Or the key that the service's callers began with last.
			$newest = $wpdb->get_row(
				"SELECT user_id, meta_key FROM $wpdb->usermeta WHERE meta_key LIKE '{$args['clash']}%' ORDER BY umeta_id DESC LIMIT 1"
			);
			if ( $newest && mt_rand( 0, 1 ) ) {
				$key        = $newest->meta_key;
				$user['id'] = (int) $newest->user_id;
			}
			$begun = $now();
			update_user_meta( $user['id'], $key, $value );
			$did->written[] = array(
				'user_id' => $user['id'], 'key' => $key, 'value' => $value, 'begun' => $begun, 'ended' => $now(),
			);
			break;

		case 'register':
			// The names that the service's callers want next.
			$last  = (int) substr( (string) $wpdb->get_var( "SELECT MAX(user_login) FROM $wpdb->users WHERE user_login LIKE 'racer %'" ), 6 );
			$login = sprintf( 'racer %05d', $last + mt_rand( 0, 3 ) );
			$email = 'r' . ( $last + mt_rand( 0, 3 ) ) . '@example.net';
			$begun = $now();
			$id    = wp_create_user( $login, 'p', $email );
			if ( ! is_wp_error( $id ) ) {
				$did->users[] = array( 'id' => $id, 'begun' => $begun, 'ended' => $now() );
			}
			break;
	}
	if ( count( $failures() ) > $failed ) {
		// It did not happen, whatever WordPress says. Rows and users that are there stay its own.
		$did->written  = $before->written;
		$did->sessions = $before->sessions;
		$did->ended    = $before->ended;
	}
	usleep( 1000 * $args['pause'] );
}

$did->failed = array_column( $failures(), 'error_str' );
foreach ( $did->sessions as &$session ) {
	unset( $session['token'] );
}
return $did;
