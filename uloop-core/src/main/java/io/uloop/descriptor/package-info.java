/**
 * Descriptors on a loop and the objects that own them: the thread rule, the end, and the log of
 * owners that were forgotten.
 */
package io.uloop.descriptor;
