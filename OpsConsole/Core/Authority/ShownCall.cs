using System.Text.Json;

namespace OpsConsole.Core.Authority;

/// <summary>How a call that shows something stands to the arguments that the register describes for its action.</summary>
public enum CallFit
{
    /// <summary>It fits them, or nobody described any.</summary>
    Fits,
    /// <summary>It does not, and neither was a call found that does nor could there be none.</summary>
    Unsure,
    /// <summary>It does not, and no call that does shows it. Agents can send it all the same.</summary>
    NoneFits,
}

/// <summary>A call that shows something, in the shape of an ask.</summary>
internal readonly record struct ShownCall(JsonElement Call, CallFit Fit);

internal static class ShownCalls
{
    /// <summary>The finding with its call, saying so where agents are not meant to send it.</summary>
    public static Finding ShownBy(this Finding finding, ShownCall? shown) => shown is not { } by ? finding : finding with { Example = by.Call, Message = finding.Message + Words(by.Fit) };

    private static string Words(CallFit fit) => fit switch
    {
        CallFit.NoneFits => " Only a call that does not fit the action's arguments shows it.",
        CallFit.Unsure => " The call that shows it does not fit the action's arguments; whether one that does shows it too cannot be told.",
        _ => "",
    };
}
