<?php
/*
 * A must-use plugin of the test sites: nothing leaves the machine. Mails are written to
 * wp-content/mails, one JSON object a line; HTTP requests fail.
 */

add_filter(
	'pre_wp_mail',
	function ( $answer, $mail ) {
		file_put_contents( WP_CONTENT_DIR . '/mails', json_encode( $mail ) . "\n", FILE_APPEND | LOCK_EX );
		return true;
	},
	10,
	2
);

add_filter(
	'pre_http_request',
	function () {
		return new WP_Error( 'http_request_failed', 'The test sites reach nobody.' );
	}
);
