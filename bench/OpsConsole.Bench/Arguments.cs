using System.Globalization;

namespace OpsConsole.Bench;

/// <summary><c>--name value</c> pairs of one program's command line.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public Arguments(string[] arguments)
    {
        if (arguments.Length % 2 != 0) throw new ArgumentException("Arguments are pairs: --name value.");
        for (var i = 0; i < arguments.Length; i += 2)
            _values[arguments[i].StartsWith("--", StringComparison.Ordinal) ? arguments[i][2..] : throw new ArgumentException($"'{arguments[i]}' is not --name.")] = arguments[i + 1];
    }

    public int Number(string name, int otherwise) => _values.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    public string? Text(string name) => _values.GetValueOrDefault(name);

    /// <summary><c>--seconds</c>: how long each leg of a measurement takes.</summary>
    public TimeSpan Duration => TimeSpan.FromSeconds(Number("seconds", 10));
}
