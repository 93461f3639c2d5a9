using OpsConsole.Core.Shared;

namespace OpsConsole.Platform.Web;

/// <summary>What holds for a text of a request wherever it was made, from a body or on a page.</summary>
public static class TextRules
{
    /// <param name="field">Wire name, for the fault.</param>
    public static Fault? Wrong(string field, string? text, int max, bool required = false)
        => required && string.IsNullOrWhiteSpace(text) ? Fault.Invalid("field.invalid", $"{field} must not be empty.", field)
         : text?.Length > max ? Fault.Invalid("field.invalid", $"{field} is longer than {max} characters.", field)
         : text is not null && !WholeText.Is(text) ? Fault.Invalid("field.invalid", $"{field} holds the character U+0000 or half a surrogate pair.", field) : null;
}
