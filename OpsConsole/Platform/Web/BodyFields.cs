using OpsConsole.Core.Shared;

namespace OpsConsole.Platform.Web;

/// <summary>The usual way from a body to a value: parse, read the members, refuse what nobody asked for.</summary>
public static class BodyFields
{
    /// <param name="read">Asks <see cref="Fields"/> for every member; what it returns counts only when nothing was wrong.</param>
    /// <param name="optional">An empty body counts as <c>{}</c>.</param>
    public static async Task<Result<T>> ReadAsync<T>(this JsonBody body, Func<Fields, T> read, bool optional = false)
    {
        var element = await body.ReadAsync(optional);
        if (element.Fault is { } unreadable) return unreadable;
        var fields = new Fields(element.Value);
        var value = read(fields);
        return fields.Finish() is { } fault ? fault : value;
    }

    /// <summary>A person's email; only its shape is looked at here.</summary>
    public static string? Email(this Fields fields, string name, bool required = false) => fields.Text(name, 254, required)?.Trim();
}
