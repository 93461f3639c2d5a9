using System.Globalization;
using OpsConsole.Core.Shared;

namespace OpsConsole.Platform.Web;

/// <summary>The <c>limit</c> of lists: 1 to 200, 50 unless said.</summary>
public static class Paging
{
    public static readonly Fault WrongLimit = Fault.Invalid("field.invalid", "limit must be a whole number from 1 to 200.", "limit");

    public static int? Limit(string? text) => text is null ? 50 : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= 200 ? limit : null;
}
