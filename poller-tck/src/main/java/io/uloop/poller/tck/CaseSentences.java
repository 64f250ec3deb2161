package io.uloop.poller.tck;

import java.lang.reflect.Method;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.platform.commons.support.AnnotationSupport;

/** Displays the method name of a case as a sentence. */
final class CaseSentences extends DisplayNameGenerator.Standard {
    @Override
    public String generateDisplayNameForMethod(
            List<Class<?>> enclosingInstanceTypes, Class<?> testClass, Method testMethod) {
        return AnnotationSupport.findAnnotation(testMethod, Case.class)
                .map(number -> number.value() + " " + sentence(testMethod.getName()))
                .orElseGet(
                        () ->
                                super.generateDisplayNameForMethod(
                                        enclosingInstanceTypes, testClass, testMethod));
    }

    /** Converts {@code addTwiceIsEEXIST} to {@code add twice is EEXIST}. */
    static String sentence(String name) {
        StringBuilder sentence = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char letter = name.charAt(i);
            boolean begins = startsWord(name, i);
            if (begins && i > 0) {
                sentence.append(' ');
            }
            boolean acronym =
                    i + 1 < name.length() && !isLower(name, i + 1) && !isLower(name, i + 2);
            sentence.append(begins && !acronym ? Character.toLowerCase(letter) : letter);
        }
        return sentence.toString();
    }

    private static boolean startsWord(String name, int i) {
        if (i == 0) {
            return true;
        }
        boolean afterLower = isLower(name, i - 1);
        if (Character.isDigit(name.charAt(i))) {
            return !Character.isDigit(name.charAt(i - 1));
        }
        if (!Character.isUpperCase(name.charAt(i))) {
            return false;
        }
        return afterLower || Character.isDigit(name.charAt(i - 1)) || isLower(name, i + 1);
    }

    private static boolean isLower(String name, int i) {
        return i < name.length() && Character.isLowerCase(name.charAt(i));
    }
}
