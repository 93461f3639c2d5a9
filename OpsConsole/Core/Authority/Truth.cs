namespace OpsConsole.Core.Authority;

/// <summary>The three values of a condition. Unknown is what cannot be said from the call as it came: it never lets a call through.</summary>
public enum Truth { False, True, Unknown }

internal static class Truths
{
    public static Truth Of(bool value) => value ? Truth.True : Truth.False;

    public static Truth And(Truth left, Truth right) =>
        left == Truth.False || right == Truth.False ? Truth.False
        : left == Truth.Unknown || right == Truth.Unknown ? Truth.Unknown : Truth.True;
}
