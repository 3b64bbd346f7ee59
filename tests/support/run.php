<?php
/*
 * Runs a snippet inside a WordPress. Reads from standard input
 * {"wordpress": folder, "server": {$_SERVER entries}, "install_at": URL or null, "code": text of
 * a function body, "args": its $args} and answers {"result", "problems": [texts], "output": what was printed}.
 * WordPress wants to be loaded at the top level, where its globals are.
 */

$sidecar_call   = json_decode( stream_get_contents( STDIN ), true, 512, JSON_THROW_ON_ERROR );
$sidecar_answer = array( 'result' => null, 'problems' => array(), 'output' => '' );
$sidecar_ended  = false;

// Called in every case: also when the snippet says exit or PHP dies of it.
function sidecar_answer() {
	global $sidecar_answer, $sidecar_ended;
	while ( ob_get_level() > 0 ) {
		$sidecar_answer['output'] = ob_get_clean() . $sidecar_answer['output'];
	}
	if ( ! $sidecar_ended ) {
		$last                         = error_get_last();
		$sidecar_answer['problems'][] = 'ended before it returned'
			. ( $last ? ": {$last['message']} in {$last['file']}:{$last['line']}" : '' );
	}
	$flags = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION;
	$text  = json_encode( $sidecar_answer, $flags );
	if ( false === $text ) {
		$sidecar_answer['problems'][] = 'no JSON can be made of the result: ' . json_last_error_msg();
		$sidecar_answer['result']     = null;
		$text                         = json_encode( $sidecar_answer, $flags | JSON_INVALID_UTF8_SUBSTITUTE );
	}
	fwrite( STDOUT, $text );
}
register_shutdown_function( 'sidecar_answer' );
ob_start();

foreach ( $sidecar_call['server'] as $sidecar_name => $sidecar_value ) {
	$_SERVER[ $sidecar_name ] = $sidecar_value;
}
if ( null !== $sidecar_call['install_at'] ) {
	define( 'WP_INSTALLING', true );
	// Otherwise it guesses from the path of this file.
	define( 'WP_SITEURL', $sidecar_call['install_at'] );
}
// Its page for visitors would hide the error.
define( 'WP_DISABLE_FATAL_ERROR_HANDLER', true );

require $sidecar_call['wordpress'] . '/wp-load.php';

// Older WordPress on newer PHP calls deprecated things all the time; the rest is the snippet's doing.
set_error_handler(
	function ( $level, $message, $file, $line ) {
		if ( error_reporting() & $level & ~ ( E_DEPRECATED | E_USER_DEPRECATED ) ) {
			$GLOBALS['sidecar_answer']['problems'][] = "$message in $file:$line";
		}
		return true;
	}
);
error_reporting( E_ALL );

try {
	$sidecar_answer['result'] = ( function ( $args ) {
		return eval( func_get_arg( 1 ) );
	} )( $sidecar_call['args'], $sidecar_call['code'] );
} catch ( Throwable $sidecar_thrown ) {
	$sidecar_answer['problems'][] = get_class( $sidecar_thrown ) . ": {$sidecar_thrown->getMessage()}"
		. " in {$sidecar_thrown->getFile()}:{$sidecar_thrown->getLine()}";
}
$sidecar_ended = true;
