using System.Reflection;
using Microsoft.Extensions.Logging;

namespace OpsConsole.Architecture;

/// <summary>Whoever looks for an event by its number finds one kind.</summary>
public sealed class EventIdTests
{
    [Fact]
    public void LoggedEvents_HaveNumbersOfTheirOwn()
    {
        var events = from type in typeof(Program).Assembly.GetTypes()
                     from method in type.GetMethods(BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
                     let log = method.GetCustomAttribute<LoggerMessageAttribute>()
                     where log is not null
                     group $"{type.Name}.{method.Name}" by log.EventId;
        var numbers = events.ToList();
        Assert.True(numbers.Count > 10);
        Assert.DoesNotContain(numbers, n => n.Count() > 1);
    }
}
