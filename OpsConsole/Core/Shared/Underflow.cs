namespace OpsConsole.Core.Shared;

/// <summary>Numerals that stand for something so small that a number type can only hold it as 0, such as <c>1e-400</c>: never to be taken for 0.</summary>
public static class Underflow
{
    /// <summary>Whether a numeral that was read as 0 is not 0.</summary>
    public static bool Hides(ReadOnlySpan<char> numeral)
    {
        var exponent = numeral.IndexOfAny('e', 'E');
        return (exponent < 0 ? numeral : numeral[..exponent]).ContainsAnyInRange('1', '9');
    }

    /// <summary>The same for a JSON numeral in UTF-8.</summary>
    public static bool Hides(ReadOnlySpan<byte> numeral)
    {
        var exponent = numeral.IndexOfAny((byte)'e', (byte)'E');
        return (exponent < 0 ? numeral : numeral[..exponent]).ContainsAnyInRange((byte)'1', (byte)'9');
    }
}
